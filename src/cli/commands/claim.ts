import type { Command } from 'commander';
import { Option } from 'commander';
import { ClaimTimedOut } from '../../client/client.js';
import type { Claimed, DeploymentQueueClient, TurnOptions } from '../../client/client.js';
import { idArgument, leaseOption, overrideOf, overrideOption, waitOf } from '../arguments.js';
import { connect } from '../connection.js';
import { wholeId } from '../ids.js';
import { json, sheet } from '../output.js';
import { viewFor, wantsJson } from '../session.js';
import type { Session } from '../session.js';
import { WaitingNotice } from '../waiting-notice.js';

interface ClaimFlags {
  readonly wait?: number;
  readonly lease: number;
  readonly override?: string;
}

/** `claim`: starts a deployment when it is its turn. */
export function addClaim(program: Command, session: Session): void {
  const command = program
    .command('claim')
    .summary('start a deployment under a lease when it is its turn')
    .description(
      'Waits until it is the turn of a deployment, starts it, and prints its lease: the token, which is secret and shown once, has to be sent with renewals and with the outcome. It ends with 9 when the turn does not come in time, and with 5 when it will not come. Whoever stops waiting leaves the queue. The command run does all of it.',
    )
    .addArgument(idArgument('<id>'))
    .addOption(
      new Option(
        '--wait <duration>',
        'how long to wait, such as 90s or 10m; for ever unless set. 0 asks once, and the place is kept for half a minute',
      ).argParser(waitOf),
    )
    .addOption(leaseOption())
    .addOption(overrideOption('claimDeployment'));
  command
    .addHelpText(
      'after',
      `
Examples:
  LEASE=$(deployment-queue claim 4c3d2e1f --wait 30m --json)
  deployment-queue claim 4c3d2e1f --wait 0`,
    )
    .action(async (id: string, { wait, lease: leaseSeconds, override: why }: ClaimFlags) => {
      const notice = new WaitingNotice(session);
      const client = connect(command, notice.session);
      const { deployment: found } = await client.getDeployment(await wholeId(client, id));
      const onWaiting = notice.of(client, found);
      const options = { leaseSeconds, onWaiting, ...overrideOf(why) };
      const claimed = await (
        wait === 0
          ? claimOnce(client, found.id, options)
          : client.claimWhenReady(found.id, { ...options, timeoutMs: wait })
      ).finally(() => notice.end());
      const { deployment, lease } = claimed;
      session.mask(lease.token);
      const { name, version, environment, status } = deployment;
      session.print(
        wantsJson(command)
          ? json({ deployment, lease })
          : sheet(
              { id: deployment.id, name, version, environment, status, ...lease },
              viewFor(session, command),
            ),
      );
      await session.report('Claimed', deployment);
    });
}

/** @throws ClaimTimedOut it is not its turn */
async function claimOnce(
  client: DeploymentQueueClient,
  id: string,
  { leaseSeconds, override, onWaiting }: TurnOptions,
): Promise<Claimed> {
  const result = await client.claimDeployment(id, {
    lease_seconds: leaseSeconds,
    ...(override !== undefined && { override }),
  });
  if (result.claimed) return result;
  onWaiting?.(result.position);
  throw new ClaimTimedOut(id, 0, result.position);
}
