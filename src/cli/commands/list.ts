import type { Command } from 'commander';
import { inputs } from '../../../generated/inputs.js';
import { connect } from '../connection.js';
import { addCount, noteMore, pageSizeFor, take } from '../count.js';
import type { CountOptions } from '../count.js';
import { addInputs, checkedInputs, givenInputs } from '../inputs.js';
import { deploymentRows, json } from '../output.js';
import { printTable, wantsJson } from '../session.js';
import type { Session } from '../session.js';

/** What fits on a screen or two. */
const usualLimit = 30;
const maxPage = inputs.listDeployments.find(({ name }) => name === 'limit')?.maximum;

/** `list`: finds deployments. */
export function addList(program: Command, session: Session): void {
  const command = program
    .command('list')
    .summary('find deployments, newest first')
    .description(
      'Finds the deployments that match every filter, newest first: the first of them, unless --limit or --all says how many.',
    );
  addInputs(command, 'listDeployments', { except: ['limit', 'cursor'] });
  addCount(command, usualLimit);
  command
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue list --environment production --status scheduled
  deployment-queue list --status scheduled --status in_progress
  deployment-queue list --name checkout --version 1.4.0 --limit 1
  deployment-queue list --name checkout --json | jq -r '.[].version'`,
    )
    .action(async (options: CountOptions) => {
      const { query } = checkedInputs('listDeployments', givenInputs(command, 'listDeployments'));
      const deployments = connect(command, session).listAllDeployments({
        ...query,
        limit: pageSizeFor(options, maxPage),
      });
      const some = await take(deployments, options);
      if (wantsJson(command)) session.print(json(some.found));
      else if (some.found.length === 0) session.note('No deployments match.\n');
      else printTable(session, command, (view) => deploymentRows(some.found, view));
      noteMore(session, some);
    });
}
