import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { LeaseLost } from '../client/client.js';
import { idArgument } from '../cli/arguments.js';
import { connect } from '../cli/connection.js';
import { explain } from '../cli/failure.js';
import type { Session } from '../cli/session.js';
import { isRunning } from './worker.js';

/** How often it is looked whether the job still goes on, in milliseconds. */
const lookMs = 1_000;

interface RenewFlags {
  readonly startedAt: string;
  readonly lease: string;
  readonly folder: string;
  readonly workerPid: string;
  readonly workerSince: string;
}

/**
 * `renew`: renews a lease until it is lost, until it is told to end, or until the process that runs the job is gone.
 * It is no command for people. `LEASE_TOKEN` holds the token.
 */
export function addRenew(program: Command, session: Session): void {
  const command = program
    .command('renew')
    .addArgument(idArgument('<id>'))
    .requiredOption('--started-at <instant>')
    .requiredOption('--lease <seconds>')
    .requiredOption('--folder <path>')
    .requiredOption('--worker-pid <number>')
    .requiredOption('--worker-since <text>');
  command.action(async (id: string, flags: RenewFlags) => {
    const { LEASE_TOKEN: token = '' } = session.environment;
    const leaseSeconds = Number(flags.lease);
    const client = connect(command, session);
    const { deployment } = await client.getDeployment(id);
    const lease = { token, fence: 0, expires_at: deployment.updated_at };
    const attempt = { ...deployment, started_at: flags.startedAt };
    const held = await client.holdLease(
      { deployment: attempt, lease },
      // There is to be time to stop when it is lost.
      { leaseSeconds, marginMs: Infinity },
    );
    const over = new Promise<'lost' | 'ended'>((resolve) => {
      const worker = { pid: Number(flags.workerPid), since: flags.workerSince };
      const looking = setInterval(() => {
        if (!isRunning(worker)) end('ended');
      }, lookMs);
      const end = (why: 'lost' | 'ended'): void => {
        clearInterval(looking);
        resolve(why);
      };
      process.once('SIGTERM', () => {
        end('ended');
      });
      if (held.lost.aborted) end('lost');
      held.lost.addEventListener('abort', () => {
        end('lost');
      });
    });
    if (!held.lost.aborted) tell({ held: true });
    const why = await over;
    await held.stop();
    if (why === 'ended') return;
    const { line = '' } = explain(held.lost.reason);
    // It is there with all that it says, or not at all.
    await writeFile(`${lostFile(flags.folder)}.part`, `${line}\n`);
    await rename(`${lostFile(flags.folder)}.part`, lostFile(flags.folder));
    tell({ held: false });
    throw held.lost.reason instanceof LeaseLost ? held.lost.reason : new LeaseLost(id);
  });
}

/** The file that is there once the lease is lost, and says why. */
export function lostFile(folder: string): string {
  return join(folder, 'lost');
}

/** Tells whoever has started this process, who may have gone on. */
function tell(message: { readonly held: boolean }): void {
  if (process.connected) process.send?.(message);
}
