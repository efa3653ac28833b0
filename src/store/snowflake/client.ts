import { randomUUID } from 'node:crypto';
import { unobserved } from '../observer.js';
import { findOut } from '../find-out.js';
import type { StoreLog } from '../observer.js';
import type { Link } from './driver.js';
import type { Row, Statement } from './statement.js';
import { classify, classifyTransaction, meansUnlocked, retryReason } from './failure.js';
import type { SnowflakeOptions } from './options.js';
import { settle } from './outcome.js';
import type { Pool } from './pool.js';
import { unavailable } from '../unavailable.js';
import type { Deadline } from '../deadline.js';
import { asTransaction, changeStatements, rollback } from './write.js';
import type { Change } from './write.js';

/** Reads and changes, carried out whatever happens on the way. */
export interface Client {
  /**
   * Runs a statement that changes nothing, again when its session or its answer is lost.
   *
   * @throws ApplicationError `unavailable`
   */
  read(statement: Statement, deadline: Deadline): Promise<Row[]>;
  /**
   * Stores a change, once and whole.
   *
   * @returns `undefined` when it is stored; else why it is not, and never will be: start over from a
   *   new read, under a new change id
   * @throws ApplicationError `unavailable`
   */
  write(change: Change, deadline: Deadline): Promise<{ readonly cause: unknown } | undefined>;
  /**
   * Runs a transaction whose repetition changes nothing, again until it is done, whatever came between.
   *
   * @throws ApplicationError `unavailable`
   */
  repeat(statements: readonly Statement[], deadline: Deadline): Promise<void>;
}

/** How often a lost read is tried: each try may take the driver's own retries. */
const triesWhenLost = 3;
/** How often a change is tried that fails for a reason which is not known. */
export const triesWhenUnknown = 3;

/** A client that borrows a session from the pool for each request. */
export function createClient(
  pool: Pool,
  { tables, timeoutMs }: Pick<SnowflakeOptions, 'tables' | 'timeoutMs'>,
  log: StoreLog,
  observer = unobserved,
): Client {
  const pause = async (deadline: Deadline, cause: unknown): Promise<void> => {
    await deadline.pause(cause);
    observer.storeRetried(retryReason(cause));
  };

  /** A session; what may pass of what keeps it from being opened is waited for, within the deadline. */
  async function acquire(deadline: Deadline): Promise<Link> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await pool.acquire(deadline);
      } catch (error) {
        const kind = classify(error);
        if (kind === 'broken' || kind === 'refused') throw error;
        if (kind === 'lost' && tries === triesWhenLost) throw unavailable(error);
        await pause(deadline, error);
      }
    }
  }

  /** Lends a session to one use of it, and takes it back in the state that the next user expects. */
  async function withSession<T>(deadline: Deadline, use: (link: Link) => Promise<T>): Promise<T> {
    const link = await acquire(deadline);
    try {
      const result = await deadline.within(use(link));
      pool.release(link);
      return result;
    } catch (error) {
      if (classify(error) === 'lost') pool.discard(link, error);
      else await undo(link, deadline);
      throw error;
    }
  }

  /** Ends the transaction that a failed request of several statements leaves open. */
  async function undo(link: Link, deadline: Deadline): Promise<void> {
    try {
      await deadline.within(link.query(rollback));
      pool.release(link);
    } catch (error) {
      pool.discard(link, error);
    }
  }

  async function read(statement: Statement, deadline: Deadline): Promise<Row[]> {
    for (let tries = 1; ; tries += 1) {
      const link = await acquire(deadline);
      try {
        const rows = await deadline.within(link.query(statement));
        pool.release(link);
        return rows;
      } catch (error) {
        const kind = classify(error);
        if (kind === 'lost') pool.discard(link, error);
        else pool.release(link);
        if (kind === 'broken' || kind === 'stale') throw error;
        if (kind === 'lost' && tries === triesWhenLost) throw unavailable(error);
        await pause(deadline, error);
      }
    }
  }

  const settled = (changeId: string, lost: unknown): Promise<boolean> =>
    findOut({
      store: 'snowflake',
      changeId,
      lost,
      timeoutMs,
      log,
      ask: (deadline) => withSession(deadline, (link) => settle(link, changeId, tables)),
      pause,
    });

  return {
    read,

    async write(change, deadline) {
      const statements = changeStatements(change, tables);
      try {
        await withSession(deadline, (link) => link.batch(statements));
        return undefined;
      } catch (error) {
        const kind = classifyTransaction(error);
        if (kind === 'broken') throw explained(error);
        if (kind !== 'lost') return { cause: error };
        return (await settled(change.id, error)) ? undefined : { cause: error };
      }
    },

    async repeat(statements, deadline) {
      const request = asTransaction(randomUUID(), statements, tables);
      for (let tries = 1; ; tries += 1) {
        try {
          await withSession(deadline, (link) => link.batch(request));
          return;
        } catch (error) {
          const kind = classifyTransaction(error);
          if (kind === 'broken' || kind === 'refused') throw explained(error);
          if (kind === 'unknown' && tries >= triesWhenUnknown) throw error;
          if (kind === 'lost' && tries >= triesWhenLost) throw unavailable(error);
          await pause(deadline, error);
        }
      }
    },
  };
}

/** A failure that no other try mends, in words that say what does where its own would not. */
function explained(error: unknown): unknown {
  if (!meansUnlocked(error)) return error;
  const reason =
    'The table write_lock has no row, so nothing keeps changes apart; npm run db:verify says what to do';
  return unavailable(new Error(reason, { cause: error }), 'The store cannot keep changes apart');
}
