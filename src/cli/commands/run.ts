import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { durationOf, idempotencyOption, leaseOption, waitOf } from '../arguments.js';
import { connect } from '../connection.js';
import { Ended } from '../failure.js';
import { isId } from '../ids.js';
import { addInputs, givenInputs } from '../inputs.js';
import { inWords, json } from '../output.js';
import { carryOut } from '../run/carry-out.js';
import { codeOf, Interrupted, takeSignals } from '../run/interruption.js';
import { target } from '../run/target.js';
import { waitForTurn } from '../run/wait-for-turn.js';
import { wantsJson } from '../session.js';
import type { Session } from '../session.js';
import { WaitingNotice } from '../waiting-notice.js';

interface RunFlags {
  readonly id?: string;
  readonly timeout?: number;
  readonly lease: number;
  readonly grace: number;
  readonly idempotencyKey?: string;
}

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
      new Option('--id <id>', 'one that is registered, instead of a new one').argParser(
        (text: string) => {
          if (isId(text)) return text;
          throw new InvalidArgumentError('It must be a UUID, or its last eight characters.');
        },
      ),
    )
    .addOption(
      new Option(
        '--timeout <duration>',
        'how long to wait for the turn, such as 90s or 2h; for ever unless set',
      ).argParser(durationOf),
    )
    .addOption(
      new Option('--grace <duration>', 'how long the command has to stop when it is told to')
        .argParser(waitOf)
        .default(5_000, '5s'),
    )
    .addOption(leaseOption());
  addInputs(command, 'createDeployment', { except: ['auto'], optional: true });
  command
    .addOption(idempotencyOption())
    .addHelpText(
      'after',
      `
Examples:
  deployment-queue run --name checkout --version 1.4.0 \\
    --environment production --provider gcp --type k8s -- ./deploy.sh
  deployment-queue run --id 4c3d2e1f --timeout 1h -- \\
    bash -ec 'kubectl apply -f . && ./check.sh'`,
    )
    .action(async (argv: readonly string[], flags: RunFlags) => {
      const { environment } = session;
      const find = await target({
        id: flags.id,
        given: givenInputs(command, 'createDeployment'),
        idempotencyKey: flags.idempotencyKey,
        environment,
      });
      const notice = new WaitingNotice(session);
      const client = connect(command, notice.session);
      const interruption = takeSignals();
      try {
        const found = await find(client);
        session.note(`${inWords(found.deployment)} (${found.deployment.id})\n`);
        const claimed = await waitForTurn(client, found, {
          leaseSeconds: flags.lease,
          timeoutMs: flags.timeout,
          notice,
          interruption,
        });
        const plan = { argv, leaseSeconds: flags.lease, graceMs: flags.grace };
        const deployment = await carryOut(client, claimed, plan, interruption, session);
        session.note(`${inWords(deployment)}\n`);
        if (wantsJson(command)) session.print(json(deployment));
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
        throw new Ended(codeOf(error.by), `${error.message} before it was its turn`);
      } finally {
        interruption.letGo();
      }
    });
}
