import type { Command } from 'commander';
import { inputs } from '../../../generated/inputs.js';
import { approvalRows, unapproved } from '../approvals.js';
import { connect } from '../connection.js';
import { addCount, noteMore, take } from '../count.js';
import type { CountOptions } from '../count.js';
import { addInputs, checkedInputs, givenInputs } from '../inputs.js';
import { json } from '../output.js';
import { printTable, wantsJson } from '../session.js';
import type { Session } from '../session.js';

const usualLimit = 30;
const filters = [
  'name',
  'version',
  'environment',
  'provider',
  'cloud_account_id',
  'region',
  'cell',
];

/** `approvals`: what waits to be approved. */
export function addApprovals(program: Command, session: Session): void {
  const command = program
    .command('approvals')
    .summary('show what waits to be approved')
    .description(
      'Shows the deployments that wait and have fewer approvals than their environment requires (environments set --required-approvals), newest first in each environment.',
    );
  const others = inputs.listDeployments.filter(({ name }) => !filters.includes(name));
  addInputs(command, 'listDeployments', { except: others.map(({ name }) => name) });
  addCount(command, usualLimit);
  command
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue approvals
  deployment-queue approve 4c3d2e1f`,
    )
    .action(async (options: CountOptions) => {
      const { query } = checkedInputs('listDeployments', givenInputs(command, 'listDeployments'));
      const some = await take(unapproved(connect(command, session), query), options);
      if (wantsJson(command)) session.print(json(some.found.map(({ deployment }) => deployment)));
      else if (some.found.length === 0) session.note('Nothing waits to be approved.\n');
      else printTable(session, command, (view) => approvalRows(some.found, view));
      noteMore(session, some);
    });
}
