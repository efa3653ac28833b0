import type { Command } from 'commander';
import { addTurnOptions, whenReady } from '../cli/run/turn.js';
import type { TurnFlags } from '../cli/run/turn.js';
import { inWords } from '../cli/output.js';
import type { Session } from '../cli/session.js';
import { makeFolder, startRenewer } from './background.js';
import { remember } from './begun.js';
import { lostFile } from './renew.js';

/**
 * `start`: waits for the turn of a deployment, and leaves a process behind that renews its lease, so that the steps
 * that follow can deploy. It is no command for people.
 *
 * @param options those of the connection
 */
export function startCommand(options: readonly string[]) {
  return (program: Command, session: Session): void => {
    const command = program.command('start');
    addTurnOptions(command);
    command.action(async (flags: TurnFlags) => {
      const { environment } = session;
      await whenReady(command, session, flags, async ({ claimed }) => {
        const { deployment, lease } = claimed;
        const renewer = await makeFolder(environment);
        await remember(environment, deployment, { leaseToken: lease.token, renewer });
        await startRenewer(renewer, claimed, flags.lease, options, environment);
        const fence = String(lease.fence);
        session.note(`${inWords(deployment)}, under fence ${fence}\n`);
        await session.report(`Started, under fence ${fence},`, deployment, {
          fence,
          lease_token: lease.token,
          lost_file: lostFile(renewer),
        });
      });
    });
  };
}
