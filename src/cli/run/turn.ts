import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { Claimed, DeploymentQueueClient } from '../../client/client.js';
import {
  durationOf,
  idempotencyOption,
  leaseOption,
  overrideOf,
  overrideOption,
} from '../arguments.js';
import { connect } from '../connection.js';
import { Ended } from '../failure.js';
import { isId } from '../ids.js';
import { addInputs, givenInputs } from '../inputs.js';
import { inWords } from '../output.js';
import type { Session } from '../session.js';
import { WaitingNotice } from '../waiting-notice.js';
import { codeOf, Interrupted, takeSignals } from './interruption.js';
import type { Interruption } from './interruption.js';
import { target } from './target.js';
import { waitForTurn } from './wait-for-turn.js';

/** What the options of a command say of the turn that it waits for. */
export interface TurnFlags {
  readonly id?: string;
  readonly timeout?: number;
  /** In seconds. */
  readonly lease: number;
  readonly idempotencyKey?: string;
  /** Why it is started although gates are closed. */
  readonly override?: string;
}

/** A deployment whose turn it is. */
export interface Turn {
  readonly client: DeploymentQueueClient;
  readonly claimed: Claimed;
  readonly interruption: Interruption;
}

/** Options that say which deployment, and how long to wait. */
export function addTurnOptions(command: Command): void {
  command
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
    .addOption(leaseOption())
    .addOption(overrideOption('claimDeployment'));
  addInputs(command, 'createDeployment', { except: ['auto'], optional: true });
  command.addOption(idempotencyOption());
}

/**
 * Waits for the turn of the deployment that the options name, and does something then. Signals do not end this
 * program meanwhile.
 *
 * @throws Ended it was interrupted while it waited
 */
export async function whenReady<T>(
  command: Command,
  session: Session,
  flags: TurnFlags,
  act: (turn: Turn) => Promise<T>,
): Promise<T> {
  const find = await target({
    id: flags.id,
    given: givenInputs(command, 'createDeployment'),
    idempotencyKey: flags.idempotencyKey,
    environment: session.environment,
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
      ...overrideOf(flags.override),
      notice,
      interruption,
    });
    session.mask(claimed.lease.token);
    return await act({ client, claimed, interruption });
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    throw new Ended(codeOf(error.by), `${error.message} before it was its turn`);
  } finally {
    interruption.letGo();
  }
}
