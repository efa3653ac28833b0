import type { Command } from 'commander';
import { Option } from 'commander';
import { waitOf } from '../arguments.js';
import { inWords, json } from '../output.js';
import { carryOut } from '../run/carry-out.js';
import { addTurnOptions, whenReady } from '../run/turn.js';
import type { TurnFlags } from '../run/turn.js';
import { wantsJson } from '../session.js';
import type { Session } from '../session.js';

/** `run`: deploys by a command when it is the turn for it. */
export function addRun(program: Command, session: Session): void {
  const command = program
    .command('run')
    .summary('register, wait for the turn, run a command under a lease, and report')
    .description(
      'Registers a deployment, or takes that of --id; waits until it is its turn, and says what for; runs the command with DEPLOYMENT_ID, LEASE_TOKEN and FENCE among its variables, and renews the lease; and reports deployed when the command ends well, failed when it does not, and cancelled when this is interrupted. It ends as the command does, with 10 when the lease was lost and the command was stopped for it, and with 128 and the number of the signal that interrupted it.',
    )
    .argument('<command...>', 'what deploys; what stands after -- is its own')
    .passThroughOptions()
    .addOption(
      new Option('--grace <duration>', 'how long the command has to stop when it is told to')
        .argParser(waitOf)
        .default(5_000, '5s'),
    );
  addTurnOptions(command);
  command
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue run --name checkout --version 1.4.0 \\
    --environment production --provider gcp --type k8s -- ./deploy.sh
  deployment-queue run --id 4c3d2e1f --timeout 1h -- \\
    bash -ec 'kubectl apply -f . && ./check.sh'`,
    )
    .action(async (argv: readonly string[], flags: TurnFlags & { readonly grace: number }) => {
      const plan = { argv, leaseSeconds: flags.lease, graceMs: flags.grace };
      const deployment = await whenReady(command, session, flags, async (turn) => {
        await session.onClaim(turn.claimed);
        return carryOut(turn.client, turn.claimed, plan, turn.interruption, session);
      });
      session.note(`${inWords(deployment)}\n`);
      if (wantsJson(command)) session.print(json(deployment));
    });
}
