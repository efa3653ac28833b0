import type { Command } from 'commander';
import { inputs } from '../../../generated/inputs.js';
import type { DeploymentStatus } from '../../client/client.js';
import { gateParts, gatesIn } from '../closed-gates.js';
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

/** `status`: what is locked, runs, waits and failed, at a glance. */
export function addStatus(program: Command, session: Session): void {
  const command = program
    .command('status')
    .summary('show what is locked, runs, waits and failed, at a glance')
    .description(
      `Shows which locks and freezes are closed and what waits to be approved, what is in progress, what waits and what failed, the newest ${limit} of each; everywhere, or in a place.`,
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
      const [gates, ...found] = await Promise.all([
        gatesIn(client, query, limit),
        ...shown.map(async ([status, heading]) => {
          const page = await client.listDeployments({ ...query, status: [status], limit });
          return { status, heading, ...page };
        }),
      ]);
      if (wantsJson(command)) {
        const deployments = found.map((one) => [one.status, one.deployments]);
        const { locks, freezes, unapproved } = gates;
        const approvals = unapproved.found.map(({ deployment }) => deployment);
        session.print(json({ ...Object.fromEntries(deployments), locks, freezes, approvals }));
        return;
      }
      const view = viewFor(session, command);
      const leftOut = new Set<string>();
      const parts = [
        ...gateParts(gates, view).map((part) => ({ ...part, wrap: true })),
        ...found.map(({ heading, deployments, next }) => ({
          title: `${heading}: ${deployments.length}${next === undefined ? '' : ', and older ones'}`,
          rows: deploymentRows(deployments, view),
          wrap: false,
        })),
      ].map(({ title, rows, wrap }) => {
        if (rows.length === 0) return `${title}\n`;
        const part = table(rows, view, { wrap });
        for (const name of part.leftOut) leftOut.add(name);
        return `${title}\n${part.text}`;
      });
      session.print(parts.join('\n'));
      noteLeftOut(session, [...leftOut]);
    });
}
