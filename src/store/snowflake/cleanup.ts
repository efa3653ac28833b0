import type { Statement } from './driver.js';
import type { StoreLog } from './options.js';

/** How often what is forgotten is cleared away, in milliseconds. */
const everyMs = 60 * 60 * 1000;

/**
 * Both are kept for longer than anybody asks for them: an answer counts for a day, and a change can
 * be looked for as long as a copy of it may be under way, which a session's end bounds.
 */
const statements: readonly Statement[] = [
  {
    sql: `DELETE FROM idempotency_keys WHERE remembered_at < DATEADD('hour', -25, SYSDATE())`,
    values: [],
  },
  { sql: `DELETE FROM changes WHERE made_at < DATEADD('hour', -25, SYSDATE())`, values: [] },
];

/**
 * Clears away what is forgotten, off the path of any request: once an hour, when there has been a
 * change, so that an idle service wakes no warehouse. Each process starts at another minute, and one
 * that fails leaves it to the next.
 *
 * @returns to be called after each change
 */
export function createCleanup(
  run: (statement: Statement) => Promise<unknown>,
  log: StoreLog,
  pauseMs = everyMs,
): () => void {
  let due = performance.now() + pauseMs * Math.random();

  async function cleanUp(): Promise<void> {
    try {
      for (const statement of statements) await run(statement);
    } catch (error) {
      log.warn({ err: error }, 'snowflake could not be tidied');
    }
  }

  return () => {
    if (performance.now() < due) return;
    due = performance.now() + pauseMs;
    void cleanUp();
  };
}
