import type { Command } from 'commander';
import { connect } from '../connection.js';
import { addCount, noteMore, pageSizeFor, take } from '../count.js';
import type { CountOptions } from '../count.js';
import { addInputs, checkedInputs, givenInputs } from '../inputs.js';
import { json } from '../output.js';
import { currentRows } from '../overview.js';
import { printTable, wantsJson } from '../session.js';
import type { Session } from '../session.js';

const usualLimit = 100;

/** `current`: what runs where. */
export function addCurrent(program: Command, session: Session): void {
  const command = program
    .command('current')
    .summary('show what runs where, what is under way and what waits')
    .description(
      'Shows for each component in each place which version runs, since when and by whom, which are being rolled out, how many wait and which goes next, and to which version a rollback would return.',
    );
  addInputs(command, 'listCurrent', { except: ['limit', 'cursor'] });
  addCount(command, usualLimit);
  command
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue current --environment production
  deployment-queue current --name checkout
  deployment-queue current --environment production --all --json | jq -r '.[] | [.name, .current.version] | @tsv'`,
    )
    .action(async (options: CountOptions) => {
      const { query } = checkedInputs('listCurrent', givenInputs(command, 'listCurrent'));
      const rows = connect(command, session).listAllCurrent({
        ...query,
        limit: pageSizeFor(options),
      });
      const some = await take(rows, options);
      if (wantsJson(command)) session.print(json(some.found));
      else if (some.found.length === 0) session.note('Nothing runs or waits there.\n');
      else printTable(session, command, (view) => currentRows(some.found, view));
      noteMore(session, some);
    });
}
