import type { Command } from 'commander';
import { inputs } from '../../../generated/inputs.js';
import type { DeploymentStatus } from '../../client/client.js';
import { connect } from '../connection.js';
import { addInputs, checkedInputs, givenInputs } from '../inputs.js';
import { deploymentRows, json } from '../output.js';
import { noteLeftOut, viewFor, wantsJson } from '../session.js';
import type { Session } from '../session.js';
import { table } from '../table.js';

/** How many of each are shown. */
const limit = 10;
const shown = [
  ['in_progress', 'In progress'],
  ['scheduled', 'Waiting'],
  ['failed', 'Failed'],
] as const satisfies readonly (readonly [DeploymentStatus, string])[];
const places = ['name', 'environment', 'provider', 'cloud_account_id', 'region', 'cell'];

/** `status`: what runs, waits and failed, at a glance. */
export function addStatus(program: Command, session: Session): void {
  const command = program
    .command('status')
    .summary('show what runs, waits and failed, at a glance')
    .description(
      `Shows what is in progress, what waits and what failed, the newest ${limit} of each; everywhere, or in a place.`,
    );
  const others = inputs.listDeployments.filter(({ name }) => !places.includes(name));
  addInputs(command, 'listDeployments', { except: others.map(({ name }) => name) });
  command
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue status
  deployment-queue status --environment production --name checkout`,
    )
    .action(async () => {
      const { query } = checkedInputs('listDeployments', givenInputs(command, 'listDeployments'));
      const client = connect(command, session);
      const found = await Promise.all(
        shown.map(async ([status, heading]) => {
          const page = await client.listDeployments({ ...query, status: [status], limit });
          return { status, heading, ...page };
        }),
      );
      if (wantsJson(command)) {
        session.print(json(Object.fromEntries(found.map((one) => [one.status, one.deployments]))));
        return;
      }
      const view = viewFor(session, command);
      const leftOut = new Set<string>();
      const parts = found.map(({ heading, deployments, next }) => {
        const title = `${heading}: ${deployments.length}${next === undefined ? '' : ', and older ones'}\n`;
        if (deployments.length === 0) return title;
        const part = table(deploymentRows(deployments, view), view);
        for (const name of part.leftOut) leftOut.add(name);
        return title + part.text;
      });
      session.print(parts.join('\n'));
      noteLeftOut(session, [...leftOut]);
    });
}
