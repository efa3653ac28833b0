import type { Command } from 'commander';
import { idArgument, reasonOption } from '../arguments.js';
import { connect } from '../connection.js';
import { wholeId } from '../ids.js';
import { printDeployment } from '../session.js';
import type { Session } from '../session.js';

const decisions = [
  {
    name: 'approve',
    operation: 'approveDeployment',
    done: 'Approved',
    summary: 'approve a deployment that waits',
    description:
      'Approves the present attempt of a deployment that waits, or that is to be tried again. Nobody approves what they have registered; who approves twice has approved once.',
    example: "deployment-queue approve 4c3d2e1f --reason 'Looked at the dashboard'",
  },
  {
    name: 'reject',
    operation: 'rejectDeployment',
    done: 'Rejected',
    summary: 'reject a deployment that waits: it is cancelled',
    description:
      'Rejects a deployment that waits: it is cancelled, and its events say who rejected it and why.',
    example: "deployment-queue reject 4c3d2e1f --reason 'The migration was not tried'",
  },
] as const;

/** `approve` and `reject`: decide whether a deployment may start. */
export function addApprove(program: Command, session: Session): void {
  for (const { name, operation, done, summary, description, example } of decisions) {
    const command = program
      .command(name)
      .summary(summary)
      .description(description)
      .addArgument(idArgument('<id>'))
      .addOption(reasonOption(operation));
    command
      .addHelpText('after', `\nExamples:\n  deployment-queue approvals\n  ${example}`)
      .action(async (id: string, { reason }: { readonly reason?: string }) => {
        const client = connect(command, session);
        const options = reason === undefined ? {} : { reason };
        const result = await client[operation](await wholeId(client, id), options);
        await printDeployment(session, command, done, result);
      });
  }
}
