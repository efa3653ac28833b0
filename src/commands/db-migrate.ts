import { loadDriver } from '../store/snowflake/driver.js';
import { migrate } from '../store/snowflake/migrate.js';
import { openSession } from '../store/snowflake/session.js';
import { runSnowflakeCommand } from './store-command.js';

/** How long a statement that fills a column of all rows may take, in milliseconds. */
const statementMs = 60 * 60 * 1000;

/** Applies the schema files that Snowflake does not have yet, each once, and says which. */
await runSnowflakeCommand(async (settings, say) => {
  const options = { ...settings, timeoutMs: statementMs };
  const link = await openSession(await loadDriver(options), options);
  try {
    const applied = await migrate(link, options.tables);
    for (const name of applied) say(`applied ${name}`);
    say(
      applied.length === 0
        ? `Nothing to do: ${options.database}.${options.schema} is up to date`
        : `${options.database}.${options.schema} is up to date now`,
    );
    return true;
  } finally {
    await link.close();
  }
});
