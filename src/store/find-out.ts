import { reasonOf } from '../platform/logging.js';
import { startDeadline } from './deadline.js';
import type { Deadline } from './deadline.js';
import type { StoreLog } from './observer.js';
import { unavailable } from './unavailable.js';

/** A change whose COMMIT got no answer, and how a store finds out what became of it. */
export interface LostChange {
  /** The store's name in the log. */
  readonly store: 'postgres' | 'snowflake';
  readonly changeId: string;
  /** How the answer was lost. */
  readonly lost: unknown;
  /** How long may be asked, in milliseconds: the operation's own time may be over, and a late answer is better than none. */
  readonly timeoutMs: number;
  readonly log: StoreLog;
  /** Asks once. */
  readonly ask: (deadline: Deadline) => Promise<boolean>;
  /** Waits before it is asked again. */
  readonly pause: (deadline: Deadline, error: unknown) => Promise<void>;
}

/**
 * Asks until it is known whether a change was stored.
 *
 * @throws ApplicationError `unavailable`, which says that it may have been, when nobody can be asked in time
 */
export async function findOut(change: LostChange): Promise<boolean> {
  const { store, changeId, lost, log } = change;
  log.warn(
    { changeId, reason: reasonOf(lost) },
    `${store} gave no answer to a change; finding out`,
  );
  const deadline = startDeadline(change.timeoutMs);
  for (;;) {
    try {
      const stored = await change.ask(deadline);
      log.info({ changeId, stored }, `${store} change found out`);
      return stored;
    } catch (error) {
      await change.pause(deadline, error).catch(() => {
        throw unavailable(lost, doubt);
      });
    }
  }
}

/**
 * The one case in which a caller cannot be told that nothing was changed: the change was sent, and
 * then nobody could be asked about it.
 */
const doubt =
  'The store did not confirm the change and cannot be asked about it now, so it may have been ' +
  'made: look before repeating it, or repeat it under its Idempotency-Key';
