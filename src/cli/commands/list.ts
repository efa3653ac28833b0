import type { Command } from 'commander';
import { Option } from 'commander';
import { inputs } from '../../../generated/inputs.js';
import type { Deployment } from '../../client/client.js';
import { countOf } from '../arguments.js';
import { connect } from '../connection.js';
import { addInputs, checkedInputs, givenInputs } from '../inputs.js';
import { deploymentRows, json } from '../output.js';
import { printTable, wantsJson } from '../session.js';
import type { Session } from '../session.js';

/** What fits on a screen or two. */
const usualLimit = 30;
const pageSize = inputs.listDeployments.find(({ name }) => name === 'limit')?.maximum ?? 100;

/** `list`: finds deployments. */
export function addList(program: Command, session: Session): void {
  const command = program
    .command('list')
    .summary('find deployments, newest first')
    .description(
      'Finds the deployments that match every filter, newest first: the first of them, unless --limit or --all says how many.',
    );
  addInputs(command, 'listDeployments', { except: ['limit', 'cursor'] });
  command
    .addOption(
      new Option('--limit <number>', 'how many at most')
        .argParser(countOf)
        .default(usualLimit, String(usualLimit))
        .conflicts('all'),
    )
    .addOption(new Option('--all', 'all of them, over all pages'))
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue list --environment production --status scheduled
  deployment-queue list --status scheduled --status in_progress
  deployment-queue list --name checkout --version 1.4.0 --limit 1
  deployment-queue list --name checkout --json | jq -r '.[].version'`,
    )
    .action(async (options: { readonly limit: number; readonly all?: true }) => {
      const limit = options.all === true ? Infinity : options.limit;
      const { query } = checkedInputs('listDeployments', givenInputs(command, 'listDeployments'));
      const client = connect(command, session);
      const found: Deployment[] = [];
      let more = false;
      // One more than is shown tells whether there are more.
      const page = { ...query, limit: Math.min(limit + 1, pageSize) };
      for await (const deployment of client.listAllDeployments(page)) {
        more = found.length === limit;
        if (more) break;
        found.push(deployment);
      }
      if (wantsJson(command)) session.print(json(found));
      else if (found.length === 0) session.note('No deployments match.\n');
      else printTable(session, command, (view) => deploymentRows(found, view));
      if (more)
        session.note(
          `There are more than these ${limit}: --limit says how many, --all shows all.\n`,
        );
    });
}
