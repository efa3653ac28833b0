/**
 * An agent of one region. It takes the deployments that are for workers, one at a time, and carries each out by a
 * command, which is told the version and has DEPLOYMENT_ID and FENCE among its variables. A signal lets it finish
 * what it does, and it takes nothing more.
 *
 *     export DEPLOYMENT_QUEUE_URL=https://deployments.example.com DEPLOYMENT_QUEUE_ORGANISATION=acme GITHUB_TOKEN=…
 *     REGION=europe-west1 COMMAND=./deploy.sh npx tsx examples/worker.ts
 */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClientError, createClient, gitHubToken, noCredentials } from 'deployment-queue';
import type { Claimed, NothingClaimed } from 'deployment-queue';

const {
  DEPLOYMENT_QUEUE_URL: url = '',
  DEPLOYMENT_QUEUE_ORGANISATION: organisation = '',
  GITHUB_TOKEN: token = '',
  REGION: region = '',
  COMMAND: command = '',
  // What it runs needs no token of this service.
  ...environment
} = process.env;
const client = createClient({
  url,
  // On your own machine, beside `npm run dev`, there is no token.
  credentials: token === '' ? noCredentials() : gitHubToken(token, organisation),
});

const { signal: stopping } = endedBy('SIGINT', 'SIGTERM');
while (!stopping.aborted) {
  const next = await take();
  if (next.claimed) await carryOut(next);
}

/** Waits for something to do. What is out of order for a while ends no worker. */
async function take(): Promise<Claimed | NothingClaimed> {
  const selector = { environment: 'production', region };
  try {
    return await client.claimNext({ selector, wait_seconds: 30 }, { signal: stopping });
  } catch (error) {
    if (stopping.aborted) return { claimed: false };
    if (!(error instanceof ClientError) || !error.retryable) throw error;
    console.error(error.message);
    await sleep(5_000, undefined, { signal: stopping }).catch(() => undefined);
    return { claimed: false };
  }
}

async function carryOut({ deployment, lease }: Claimed): Promise<void> {
  const { id, name, version } = deployment;
  console.log(`${name} ${version} begins`);
  const held = await client.holdLease({ deployment, lease });
  const child = spawn(command, [version], {
    env: { ...environment, DEPLOYMENT_ID: id, FENCE: String(lease.fence) },
    stdio: 'inherit',
    signal: held.lost,
  });
  // It could not be started, or is told to stop.
  child.on('error', ({ message }) => {
    console.error(message);
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  await held.stop();
  if (held.lost.aborted) {
    console.log(`${name} ${version} was stopped: ${String(held.lost.reason)}`);
    // Where somebody has cancelled it, its place is taken until this call.
    await client.releaseLease(id, { leaseToken: lease.token }).catch(() => undefined);
    return;
  }
  const status = code === 0 ? 'deployed' : 'failed';
  try {
    await client.updateDeployment(id, { status }, { leaseToken: lease.token });
    console.log(`${name} ${version} is ${status}`);
  } catch (error) {
    console.error(`${name} ${version} is ${status}, which could not be reported: ${String(error)}`);
  }
}

/** Aborted by the first of some signals. */
function endedBy(...signals: NodeJS.Signals[]): AbortController {
  const controller = new AbortController();
  for (const signal of signals) {
    process.once(signal, () => {
      controller.abort();
    });
  }
  return controller;
}
