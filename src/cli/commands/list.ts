import type { Command } from 'commander';
import { Option } from 'commander';
import { inputs } from '../../../generated/inputs.js';
import type { Deployment } from '../../client/client.js';
import { countOf } from '../arguments.js';
import { connect } from '../connection.js';
import { addInputs, checkedInputs, givenInputs } from '../inputs.js';
import { deploymentTable, json } from '../output.js';
import { wantsJson } from '../session.js';
import type { Session } from '../session.js';

const pageSize = inputs.listDeployments.find(({ name }) => name === 'limit')?.maximum ?? 100;

/** `list`: finds deployments. */
export function addList(program: Command, session: Session): void {
  const command = program
    .command('list')
    .summary('find deployments, newest first')
    .description('Finds the deployments that match every filter, newest first, over all pages.');
  addInputs(command, 'listDeployments', { except: ['limit', 'cursor'] });
  command
    .addOption(
      new Option('--limit <number>', 'how many at most, in all (all of them unless set)').argParser(
        countOf,
      ),
    )
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue list --environment production --status scheduled
  deployment-queue list --status scheduled --status in_progress
  deployment-queue list --name checkout --version 1.4.0 --limit 1
  deployment-queue list --name checkout --json | jq -r '.[] | [.version, .status] | @tsv'`,
    )
    .action(async ({ limit = Infinity }: { readonly limit?: number }) => {
      const { query } = checkedInputs('listDeployments', givenInputs(command, 'listDeployments'));
      const client = connect(command, session);
      const found: Deployment[] = [];
      const page = { ...query, limit: Math.min(limit, pageSize) };
      for await (const deployment of client.listAllDeployments(page)) {
        found.push(deployment);
        if (found.length >= limit) break;
      }
      if (wantsJson(command)) session.print(json(found));
      else if (found.length > 0) session.print(deploymentTable(found));
      else session.note('No deployments match.\n');
    });
}
