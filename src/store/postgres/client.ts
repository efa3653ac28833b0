import type { Deadline } from '../deadline.js';
import { findOut } from '../find-out.js';
import type { StoreLog, StoreObserver } from '../observer.js';
import { unavailable } from '../unavailable.js';
import type { Link } from './driver.js';
import { classify, retryReason } from './failure.js';
import type { PostgresOptions } from './options.js';
import { settle } from './outcome.js';
import type { Pool } from './pool.js';
import { plain } from './statement.js';
import type { Row, Statement } from './statement.js';
import { changeStatements, commit } from './write.js';
import type { Change } from './write.js';

/** Reads and changes, carried out whatever happens on the way. */
export interface Client {
  /**
   * Runs statements that change nothing, or whose repetition changes nothing, again when the connection or its answer
   * is lost. Several see the same state of the data.
   *
   * @throws ApplicationError `unavailable`
   */
  read(statements: readonly Statement[], deadline: Deadline): Promise<Row[][]>;
  /**
   * Tries once: reads what a change is made from, all of it of one state of the data, and stores the change.
   *
   * @param make reads, and returns the change; `undefined` for none
   * @returns why it was not stored and never will be, when so; then start over under a new change id
   * @throws ApplicationError `unavailable`, and what `make` throws
   */
  change(make: Make, deadline: Deadline): Promise<{ readonly cause: unknown } | undefined>;
}

/** Makes a change by asking. */
export type Make = (
  ask: (statements: readonly Statement[]) => Promise<Row[][]>,
) => Promise<Change | undefined>;

/** How often something is tried whose connection was lost, or for which the server lacks something. */
const tries = 3;

/** Whoever reads several things sees one state of the data, as of the first of them. */
const snapshot = plain('BEGIN ISOLATION LEVEL REPEATABLE READ');

/** A client that borrows a connection from the pool for each operation. */
export function createClient(
  pool: Pool,
  { timeoutMs }: Pick<PostgresOptions, 'timeoutMs'>,
  log: StoreLog,
  observer: StoreObserver,
): Client {
  /**
   * Waits before another try.
   *
   * @param nth the number of the try that has failed
   * @throws when another would not help
   */
  async function prepareRetry(error: unknown, nth: number, deadline: Deadline): Promise<void> {
    const kind = classify(error);
    if (kind === 'broken') throw error;
    if (kind === 'refused') throw unavailable(error, 'The store does not let this service in');
    if ((kind === 'lost' || kind === 'exhausted') && nth === tries) throw unavailable(error);
    await deadline.pause(error);
    observer.storeRetried(retryReason(error));
  }

  const settled = (changeId: string, lost: unknown): Promise<boolean> =>
    findOut({
      store: 'postgres',
      changeId,
      lost,
      timeoutMs,
      log,
      ask: (deadline) => pool.use(deadline, (link) => deadline.within(settle(link, changeId))),
      pause: (deadline, error) => deadline.pause(error),
    });

  return {
    async read(statements, deadline) {
      const isOne = statements.length === 1;
      const sent = isOne ? statements : [snapshot, ...statements, commit];
      for (let nth = 1; ; nth += 1) {
        try {
          const outcomes = await pool.use(deadline, (link) =>
            deadline.within(sendTogether(link, sent)),
          );
          return isOne ? outcomes : outcomes.slice(1, -1);
        } catch (error) {
          await prepareRetry(error, nth, deadline);
        }
      }
    },

    async change(make, deadline) {
      for (let nth = 1; ; nth += 1) {
        const sent: Change[] = [];
        try {
          await pool.use(deadline, async (link, giveUp) => {
            const reading = startReading(link, deadline);
            const change = await make(reading.ask).catch(async (error: unknown) => {
              await reading.end().catch(giveUp);
              throw error;
            });
            if (change === undefined) return reading.end();
            sent.push(change);
            // The end of the one transaction and all of the other: one round trip.
            const statements = [...reading.ending(), ...changeStatements(change)];
            await deadline.within(sendTogether(link, statements));
          });
          return undefined;
        } catch (error) {
          const [change] = sent;
          if (change !== undefined) {
            const kind = classify(error);
            if (kind === 'lost') {
              return (await settled(change.id, error)) ? undefined : { cause: error };
            }
            if (kind === 'stale' || kind === 'contended') return { cause: error };
          }
          await prepareRetry(error, nth, deadline);
        }
      }
    },
  };
}

/** Reads of one state of the data: a transaction that is opened along with the first of them. */
function startReading(link: Link, deadline: Deadline) {
  let isOpen = false;
  const ending = (): Statement[] => (isOpen ? [commit] : []);
  return {
    ask: async (statements: readonly Statement[]): Promise<Row[][]> => {
      const opening = isOpen ? [] : [snapshot];
      isOpen = true;
      const outcomes = await deadline.within(sendTogether(link, [...opening, ...statements]));
      return outcomes.slice(opening.length);
    },
    /** What ends it; nothing, where nothing was read. */
    ending,
    async end(): Promise<void> {
      await deadline.within(sendTogether(link, ending()));
    },
  };
}

/**
 * Sends statements together, and waits for all of them.
 *
 * @throws the first failure: those that come after it in a transaction fail for that reason alone
 */
async function sendTogether(link: Link, statements: readonly Statement[]): Promise<Row[][]> {
  const results = await Promise.allSettled(statements.map((statement) => link.query(statement)));
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}
