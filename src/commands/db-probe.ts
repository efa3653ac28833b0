import { loadDriver } from '../store/snowflake/driver.js';
import { probe } from '../store/snowflake/probe/probe.js';
import { runServerCommand } from './store-command.js';

/** How long a statement is given to run into a lock, in milliseconds. */
const pauseMs = 2_000;
/** How often each operation is timed. */
const rounds = 5;

/**
 * Finds out on a real account what Snowflake's documentation leaves open, and writes a report to send to the
 * project. What is under way when it is interrupted still removes the schema that it works in.
 */
await runServerCommand({
  snowflake: async (options, say) => {
    const stop = new AbortController();
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      process.once(name, () => {
        stop.abort();
      });
    }
    const report = await probe(loadDriver, options, {
      pauseMs,
      rounds,
      signal: stop.signal,
      // The report alone goes to the standard output.
      say: (line) => {
        console.error(line);
      },
    });
    say(report);
    return !stop.signal.aborted;
  },
});
