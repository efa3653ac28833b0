import { LeaseLost } from '../../client/client.js';
import type { Claimed, Deployment, DeploymentQueueClient } from '../../client/client.js';
import type { Environment } from '../environment.js';
import { Ended, explain } from '../failure.js';
import { inWords } from '../output.js';
import type { Session } from '../session.js';
import { startCommand } from './child-process.js';
import type { CommandEnd } from './child-process.js';
import { codeOf, Interrupted } from './interruption.js';
import type { Interruption, StopSignal } from './interruption.js';
import { report } from './outcome.js';
import type { Outcome } from './outcome.js';

/** What is carried out, and how. */
export interface Plan {
  readonly argv: readonly string[];
  readonly leaseSeconds: number;
  /** How long the command has to stop before it is ended by force. */
  readonly graceMs: number;
}

/** How long a lease that is lost may still be talked about, in milliseconds. */
const partingMs = 5_000;

/**
 * Runs a command under a lease, and reports how it came out.
 *
 * @returns the deployment, once it is deployed
 * @throws Ended the command failed, somebody interrupted it, or its outcome could not be reported
 * @throws LeaseLost the command was stopped, since somebody else may be deploying by now
 */
export async function carryOut(
  client: DeploymentQueueClient,
  claimed: Claimed,
  plan: Plan,
  interruption: Interruption,
  session: Session,
): Promise<Deployment> {
  const ended = await runUnderLease(client, claimed, plan, interruption, session);
  const { command, by } = ended;
  if (by !== undefined) {
    const outcome = { status: 'cancelled' } as const;
    return finish(outcome, codeOf(by), `interrupted by ${by}`);
  }
  if (command.code === 0) return finish({ status: 'deployed' }, 0, '');
  const outcome = { status: 'failed', how: command.how } as const;
  return finish(outcome, command.code, `the command failed: ${command.how}`);

  async function finish(outcome: Outcome, code: number, said: string): Promise<Deployment> {
    const { deployment } = await reported(outcome, code);
    const fence = String(claimed.lease.fence);
    await session.report(`Carried out, under fence ${fence},`, deployment, { fence });
    if (code !== 0) throw new Ended(code, `${said}; ${inWords(deployment)}`);
    return deployment;
  }

  async function reported(outcome: Outcome, code: number) {
    try {
      return await report(client, claimed, outcome, interruption.patience());
    } catch (error) {
      const { id } = claimed.deployment;
      const { code: otherwise, line = 'nobody said why' } = explain(error);
      throw new Ended(
        code === 0 ? otherwise : code,
        `THE OUTCOME COULD NOT BE REPORTED. Deployment ${id} has come out as ${outcome.status}, ` +
          `and the service does not know: report it by update-status ${id} ${outcome.status}. ${line}`,
      );
    }
  }
}

/** How a command came out, and who stopped it, if anybody did. */
interface CommandRun {
  readonly command: CommandEnd;
  readonly by: StopSignal | undefined;
}

async function runUnderLease(
  client: DeploymentQueueClient,
  claimed: Claimed,
  { argv, leaseSeconds, graceMs }: Plan,
  interruption: Interruption,
  session: Session,
): Promise<CommandRun> {
  const { lease, deployment } = claimed;
  const held = await client.holdLease(claimed, {
    leaseSeconds,
    marginMs: graceMs,
    onFailure: (error) => {
      const { line = '' } = explain(error);
      session.note(`deployment-queue: the lease could not be renewed: ${line}\n`);
    },
  });
  if (held.lost.aborted) throw await lostOf(held.lost.reason, client, claimed, session);
  const early: unknown = interruption.first.reason;
  if (early instanceof Interrupted) {
    await held.stop();
    return { command: { code: 0, how: 'it was not started' }, by: early.by };
  }
  session.note(`${inWords(deployment)}, under fence ${lease.fence}\n`);
  session.share();
  const child = startCommand(argv, environmentFor(claimed, session.environment));
  let by: StopSignal | 'loss' | undefined;
  let stopped: Promise<unknown> = Promise.resolve();
  const stop = (signal: StopSignal, forMs: number): void => {
    stopped = Promise.all([stopped, child.stop(signal, forMs)]);
  };
  const lose = (): void => {
    by ??= 'loss';
    session.note(`deployment-queue: ${explain(held.lost.reason).line ?? ''}; stopping\n`);
    stop('SIGTERM', Math.min(graceMs, held.remainingMs()));
  };
  const interrupt = (signal: StopSignal): void => {
    if (by === undefined) {
      by = signal;
      stop(signal, graceMs);
    } else child.signal(signal);
  };
  held.lost.addEventListener('abort', lose);
  const quiet = interruption.onSignal(interrupt);

  const command = await child.ended;
  await stopped;
  held.lost.removeEventListener('abort', lose);
  quiet();
  await held.stop();
  if (by === 'loss') throw await lostOf(held.lost.reason, client, claimed, session);
  return { command, by };
}

/** What the command is told. Whoever may see its arguments does not see its variables. */
function environmentFor(
  { deployment, lease }: Claimed,
  { DEPLOYMENT_QUEUE_MASK_TOKENS: _, ...environment }: Environment,
): Environment {
  return {
    ...environment,
    DEPLOYMENT_ID: deployment.id,
    LEASE_TOKEN: lease.token,
    FENCE: String(lease.fence),
  };
}

/**
 * Gives the place of a lost lease up, which is kept until its holder knows where somebody has cancelled it, and
 * tells the job.
 */
async function lostOf(
  reason: unknown,
  client: DeploymentQueueClient,
  { deployment: { id }, lease }: Claimed,
  session: Session,
): Promise<unknown> {
  const options = { signal: AbortSignal.timeout(partingMs) };
  let why = reason;
  await client.renewLease(id, { leaseToken: lease.token, ...options }).catch((error: unknown) => {
    if (reason instanceof LeaseLost && reason.cause === undefined) {
      why = new LeaseLost(id, undefined, error);
    }
  });
  const found = await client.getDeployment(id, options).catch(() => undefined);
  if (found !== undefined) {
    const fence = String(lease.fence);
    await session.report('Lost the lease of', found.deployment, { fence });
  }
  return why;
}
