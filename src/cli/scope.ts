import type { Command } from 'commander';
import { Option } from 'commander';
import { inputOption, inputNamed } from './arguments.js';
import type { Scope } from '../client/client.js';
import type { Input } from '../../generated/inputs.js';
import { UsageError } from './failure.js';
import { flagOf, sentence } from './inputs.js';
import { partsOf } from './output.js';
import type { View } from './view.js';

const group = 'Where (* and ? stand for other text):';

/** `--name`, `--no-cell` and so on: the places that something is for. */
export function addScopeOptions(
  command: Command,
  operation: 'createLock' | 'createFreeze' | 'createFreezeCalendar',
): readonly Input[] {
  const parts = inputNamed(operation, 'scope').fields ?? [];
  for (const part of parts) {
    const flag = flagOf(part.name);
    const [placeholder, values] =
      part.enum === undefined ? ['text', ''] : ['value', ` (one of ${part.enum.join(', ')})`];
    const help = `${sentence(part.description)}${values}`;
    command.addOption(inputOption(`--${flag} <${placeholder}>`, help, part).helpGroup(group));
    if (!part.nullable) continue;
    const without = `only places without a ${wordsOf(part.name)}`;
    command.addOption(new Option(`--no-${flag}`, without).helpGroup(group));
  }
  command.addOption(
    new Option('--everywhere', 'in every place of the organisation').helpGroup(group),
  );
  return parts;
}

/**
 * The places that the options name.
 *
 * @throws UsageError they name none, or every one and some
 */
export function givenScope(command: Command, parts: readonly Input[]): Scope {
  const options = command.opts<Readonly<Record<string, unknown>>>();
  const given = parts.flatMap(({ name }): [string, string | null][] => {
    const value = options[new Option(`--${flagOf(name)}`).attributeName()];
    if (typeof value === 'string') return [[name, value]];
    // What --no-NAME leaves.
    return value === false ? [[name, null]] : [];
  });
  const isEverywhere = options['everywhere'] === true;
  if (isEverywhere === given.length > 0) {
    throw new UsageError(
      'name the places by --name, --environment, --provider and so on, or all of them by --everywhere',
    );
  }
  return Object.fromEntries(given);
}

/** `environment=production, cell=none`, or at a terminal `production, no cell`. */
export function scopeInWords(scope: Scope, { columns }: Pick<View, 'columns'>): string {
  if (columns === undefined) return partsOf(scope) || 'everywhere';
  const parts = Object.entries(scope).map(([part, value]) => value ?? `no ${wordsOf(part)}`);
  return parts.join(', ') || 'everywhere';
}

/** The name of a part, as people say it. */
function wordsOf(part: string): string {
  return part.replace(/_id$/, '').replaceAll('_', ' ');
}

/** Whether a scope may have a place that has all that is named; a pattern is taken to fit. */
export function mayHave(
  scope: Scope,
  named: Readonly<Partial<Record<keyof Scope, string>>>,
): boolean {
  return Object.entries(scope).every(([part, value]) => {
    const wanted = named[part as keyof Scope];
    if (wanted === undefined) return true;
    return value !== null && (/[*?]/.test(value) || isSame(part, value, wanted));
  });
}

function isSame(part: string, a: string, b: string): boolean {
  // Of environments the case does not matter.
  return part === 'environment' ? a.toLowerCase() === b.toLowerCase() : a === b;
}
