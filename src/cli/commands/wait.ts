import type { Command } from 'commander';
import { Option } from 'commander';
import { SettledOtherwise, WaitTimedOut } from '../../client/client.js';
import type { Deployment, DeploymentStatus } from '../../client/client.js';
import { durationOf, idArgument, statusesOf } from '../arguments.js';
import { connect } from '../connection.js';
import { wholeId } from '../ids.js';
import { inWords } from '../output.js';
import { printDeployment } from '../session.js';
import type { Session } from '../session.js';

interface WaitFlags {
  readonly for: readonly DeploymentStatus[];
  readonly timeout: number;
  readonly interval: number;
}

/** `wait`: until a deployment is in a status. */
export function addWait(program: Command, session: Session): void {
  const command = program
    .command('wait')
    .summary('wait until a deployment is in a status')
    .description(
      'Waits until a deployment is in one of the statuses. It ends with 8 as soon as the deployment has come to rest in another (deployed, failed, skipped or cancelled), with 9 when the time is over.',
    )
    .addArgument(idArgument('<id>'))
    .addOption(
      new Option('--for <statuses>', 'separated by commas')
        .argParser(statusesOf)
        .default(['deployed'], 'deployed'),
    )
    .addOption(
      new Option('--timeout <duration>', 'how long, such as 90s, 10m or 2h')
        .argParser(durationOf)
        .default(30 * 60_000, '30m'),
    )
    .addOption(
      new Option('--interval <duration>', 'how long between two looks')
        .argParser(durationOf)
        .default(2_000, '2s'),
    );
  command
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue wait 4c3d2e1f
  deployment-queue wait 4c3d2e1f --for in_progress,deployed --timeout 2h`,
    )
    .action(async (id: string, flags: WaitFlags) => {
      const client = connect(command, session);
      const found = await wholeId(client, id);
      try {
        const deployment = await client.waitFor(found, flags.for, {
          timeoutMs: flags.timeout,
          intervalMs: flags.interval,
          onChange: (changed) => {
            session.note(`${inWords(changed)}\n`);
          },
        });
        await printDeployment(session, command, 'Waited for', { deployment });
      } catch (error) {
        const deployment = lastSeen(error);
        if (deployment !== undefined) await session.report('Waited in vain for', deployment);
        throw error;
      }
    });
}

function lastSeen(error: unknown): Deployment | undefined {
  return error instanceof SettledOtherwise || error instanceof WaitTimedOut
    ? error.deployment
    : undefined;
}
