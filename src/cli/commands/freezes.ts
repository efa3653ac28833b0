import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { inputNamed } from '../arguments.js';
import { connect } from '../connection.js';
import { showHistory } from '../gate-history.js';
import { freezeRows, occurrenceRows } from '../gate-rows.js';
import { faultOf } from '../inputs.js';
import { json } from '../output.js';
import { collect, gatesPage } from '../pages.js';
import { printTable, wantsJson } from '../session.js';
import type { Session } from '../session.js';

interface FreezesFlags {
  readonly history?: true;
  readonly from?: string;
  readonly to?: string;
}

/** How much of the calendar is shown where only one end of it is named. */
const usualDays = 90;
const dayMs = 86_400_000;

/** `freezes`: shows what is frozen, and when. */
export function addFreezes(program: Command, session: Session): void {
  const command = program
    .command('freezes')
    .summary('show freezes, whether they are closed, and until when')
    .description(
      `Shows the freezes that are not over, oldest first: whether each is closed now or open, until when, where and why. With --from or --to, each time that one is closed in between; ${usualDays} days unless both are named.`,
    )
    .addOption(
      new Option('--from <time>', 'a day or an instant; now unless set').argParser(instantOf),
    )
    .addOption(new Option('--to <time>', 'a day or an instant').argParser(instantOf))
    .addOption(
      new Option(
        '--history',
        'every freeze that was created or deleted: when, by whom and why',
      ).conflicts(['from', 'to']),
    );
  command
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue freezes
  deployment-queue freezes --from 2026-12-01 --to 2027-02-01`,
    )
    .action(async ({ history, from, to }: FreezesFlags) => {
      const client = connect(command, session);
      if (history === true) {
        await showHistory(client, session, command, 'freeze');
        return;
      }
      if (from !== undefined || to !== undefined) {
        const found = await client.listFreezeOccurrences(span(from, to));
        if (wantsJson(command)) session.print(json(found));
        else if (found.length === 0) session.note('Nothing is frozen then.\n');
        else printTable(session, command, (view) => occurrenceRows(found, view), { wrap: true });
        return;
      }
      const freezes = await collect(client.listAllFreezes(gatesPage));
      if (wantsJson(command)) session.print(json(freezes));
      else if (freezes.length === 0) session.note('There are no freezes.\n');
      else printTable(session, command, (view) => freezeRows(freezes, view), { wrap: true });
    });
}

/** Both ends of a span of which one is named. */
function span(from: string | undefined, to: string | undefined): { from: string; to: string } {
  const begin = from ?? new Date().toISOString();
  return { from: begin, to: to ?? new Date(Date.parse(begin) + usualDays * dayMs).toISOString() };
}

/**
 * An instant, or where a day on this machine begins.
 *
 * @throws InvalidArgumentError
 */
function instantOf(text: string): string {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) {
    const midnight = new Date(`${text}T00:00`);
    if (!Number.isNaN(midnight.getTime())) return midnight.toISOString();
  }
  if (faultOf(inputNamed('listFreezeOccurrences', 'from'), text) === undefined) return text;
  throw new InvalidArgumentError(
    'It must be a day such as 2026-12-24, or an instant such as 2026-12-24T09:30:00Z.',
  );
}
