import type { Command } from 'commander';
import { Option } from 'commander';
import { countOf } from './arguments.js';
import type { Session } from './session.js';

/** How many a person wants to see. */
export interface CountOptions {
  readonly limit: number;
  readonly all?: true;
}

/** Adds `--limit` and `--all`. */
export function addCount(command: Command, usual: number): void {
  command
    .addOption(
      new Option('--limit <number>', 'how many at most')
        .argParser(countOf)
        .default(usual, String(usual))
        .conflicts('all'),
    )
    .addOption(new Option('--all', 'all of them, over all pages'));
}

/** How many a page is to hold: one more than is shown tells whether there are more. */
export function pageSizeFor({ limit, all }: CountOptions, maximum = 100): number {
  return all === true ? maximum : Math.min(limit + 1, maximum);
}

/** The first ones of a list, and whether there are more. */
export interface Some<Item> {
  readonly found: readonly Item[];
  readonly more: boolean;
}

/** Takes as many as are wanted. */
export async function take<Item>(
  items: AsyncIterable<Item>,
  { limit, all }: CountOptions,
): Promise<Some<Item>> {
  const found: Item[] = [];
  for await (const item of items) {
    if (all !== true && found.length === limit) return { found, more: true };
    found.push(item);
  }
  return { found, more: false };
}

/** Says that there are more than are shown. */
export function noteMore(session: Session, { found, more }: Some<unknown>): void {
  if (!more) return;
  session.note(
    `There are more than these ${found.length}: --limit says how many, --all shows all.\n`,
  );
}
