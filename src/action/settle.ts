import type { Command } from 'commander';
import { ProblemError } from '../client/client.js';
import type { Deployment, DeploymentQueueClient, DeploymentResult } from '../client/client.js';
import { idArgument } from '../cli/arguments.js';
import { connect } from '../cli/connection.js';
import { variable } from '../cli/environment.js';
import { NothingToDo } from '../cli/failure.js';
import { checkedInputs } from '../cli/inputs.js';
import { inWords } from '../cli/output.js';
import { printDeployment } from '../cli/session.js';
import type { Session } from '../cli/session.js';

/**
 * `settle`: ends an attempt that is still under way, and nothing else. It is no command for people. `LEASE_TOKEN`
 * holds the token of the lease under which it is carried out, if there is one.
 */
export function addSettle(program: Command, session: Session): void {
  const command = program
    .command('settle')
    .addArgument(idArgument('<id>'))
    .argument('<status>')
    .requiredOption('--started-at <instant>');
  command.action(async (id: string, status: string, { startedAt }: { startedAt: string }) => {
    const { body } = checkedInputs('updateDeployment', { status });
    const leaseToken = variable(session.environment, 'LEASE_TOKEN');
    const client = connect(command, session);
    let isLeased = leaseToken !== undefined;
    for (;;) {
      const { deployment, etag } = await client.getDeployment(id);
      if (!isOpen(deployment, startedAt, status)) {
        const said = `${inWords(deployment)}: there is nothing left to report`;
        if (status === 'deployed' && deployment.status !== 'deployed') {
          throw new NothingToDo('conflict', `the job went well, but ${said}`);
        }
        session.note(`${said}.\n`);
        return;
      }
      const options = isLeased ? { leaseToken } : { ifMatch: etag };
      const result = await unlessChanged(client.updateDeployment(id, body, options));
      // The lease may be over: what has come out is reported all the same.
      isLeased = false;
      if (result === undefined) continue;
      await printDeployment(session, command, 'Reported', result);
      return;
    }
  });
}

/** Whether an attempt can still come out so. What failed since its lease ran out may have gone well. */
function isOpen(deployment: Deployment, startedAt: string, outcome: string): boolean {
  if (deployment.started_at !== startedAt) return false;
  const { status } = deployment;
  return status === 'in_progress' || (status === 'failed' && outcome === 'deployed');
}

/** What a change came to; `undefined` when somebody else was faster. */
async function unlessChanged(
  change: ReturnType<DeploymentQueueClient['updateDeployment']>,
): Promise<DeploymentResult | undefined> {
  try {
    return await change;
  } catch (error) {
    const isOver =
      error instanceof ProblemError &&
      (error.status === 412 || error.type === 'urn:problem-type:deployment-queue:lease-lost');
    if (isOver) return undefined;
    throw error;
  }
}
