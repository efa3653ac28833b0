import type { Command } from 'commander';
import { ProblemError } from '../client/client.js';
import type { DeploymentQueueClient, DeploymentResult } from '../client/client.js';
import { idArgument } from '../cli/arguments.js';
import { connect } from '../cli/connection.js';
import { checkedInputs } from '../cli/inputs.js';
import { inWords } from '../cli/output.js';
import { printDeployment } from '../cli/session.js';
import type { Session } from '../cli/session.js';

/** `settle`: ends an attempt that is still under way, and nothing else. It is no command for people. */
export function addSettle(program: Command, session: Session): void {
  const command = program
    .command('settle')
    .addArgument(idArgument('<id>'))
    .argument('<status>')
    .requiredOption('--started-at <instant>');
  command.action(async (id: string, status: string, { startedAt }: { startedAt: string }) => {
    const { body } = checkedInputs('updateDeployment', { status });
    const client = connect(command, session);
    for (;;) {
      const { deployment, etag } = await client.getDeployment(id);
      if (deployment.status !== 'in_progress' || deployment.started_at !== startedAt) {
        session.note(`${inWords(deployment)}: there is nothing left to report.\n`);
        return;
      }
      const result = await unlessChanged(client.updateDeployment(id, body, { ifMatch: etag }));
      if (result === undefined) continue;
      await printDeployment(session, command, 'Reported', result);
      return;
    }
  });
}

/** What a change came to; `undefined` when somebody else was faster. */
async function unlessChanged(
  change: ReturnType<DeploymentQueueClient['updateDeployment']>,
): Promise<DeploymentResult | undefined> {
  try {
    return await change;
  } catch (error) {
    if (error instanceof ProblemError && error.status === 412) return undefined;
    throw error;
  }
}
