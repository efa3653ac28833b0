import type { Command } from 'commander';
import { connect } from '../connection.js';
import { addCount, noteMore, pageSizeFor, take } from '../count.js';
import type { CountOptions } from '../count.js';
import { addInputs, checkedInputs, givenInputs } from '../inputs.js';
import { json } from '../output.js';
import { differenceRows } from '../overview.js';
import { printTable, wantsJson } from '../session.js';
import type { Session } from '../session.js';

const usualLimit = 100;

/** `diff`: how environments compare. */
export function addDiff(program: Command, session: Session): void {
  const command = program
    .command('diff')
    .summary('compare what runs in two environments')
    .description(
      'Compares what runs in two environments, component by component, in each region and cell: same, behind (the second has yet to get what runs in the first), ahead, diverged, only_in_from or only_in_to.',
    )
    .argument('<from>', 'the environment that is compared with, such as staging')
    .argument('<to>', 'the one that is compared, such as production');
  addInputs(command, 'compareEnvironments', { except: ['from', 'to', 'limit', 'cursor'] });
  addCount(command, usualLimit);
  command
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue diff staging production
  deployment-queue diff staging production --all --json | jq -r '.[] | select(.state == "behind") | .name'`,
    )
    .action(async (from: string, to: string, options: CountOptions) => {
      const given = { ...givenInputs(command, 'compareEnvironments'), from, to };
      const { query } = checkedInputs('compareEnvironments', given);
      const rows = connect(command, session).listAllDifferences({
        ...query,
        limit: pageSizeFor(options),
      });
      const some = await take(rows, options);
      if (wantsJson(command)) session.print(json(some.found));
      else if (some.found.length === 0) session.note('Nothing runs in either.\n');
      else printTable(session, command, (view) => differenceRows(some.found, view));
      noteMore(session, some);
    });
}
