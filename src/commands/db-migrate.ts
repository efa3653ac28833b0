import { loadDriver as loadPostgres, withConnection } from '../store/postgres/driver.js';
import { migrate as migratePostgres } from '../store/postgres/migrate.js';
import type { PostgresOptions } from '../store/postgres/options.js';
import { loadDriver } from '../store/snowflake/driver.js';
import { migrate } from '../store/snowflake/migrate.js';
import type { SnowflakeOptions } from '../store/snowflake/options.js';
import { openSession } from '../store/snowflake/session.js';
import { runServerCommand } from './store-command.js';

/** How long a statement that fills a column of all rows may take, in milliseconds. */
const statementMs = 60 * 60 * 1000;

async function migrateSnowflake(settings: SnowflakeOptions): Promise<string[]> {
  const options = { ...settings, timeoutMs: statementMs };
  const link = await openSession(await loadDriver(options), options);
  try {
    return await migrate(link, options.tables);
  } finally {
    await link.close();
  }
}

async function migrateServer(options: PostgresOptions): Promise<string[]> {
  return withConnection(await loadPostgres(options), options.url, (link) => migratePostgres(link));
}

/** Says what was applied. */
function tell(applied: readonly string[], name: string, say: (line: string) => void): boolean {
  for (const file of applied) say(`applied ${file}`);
  say(applied.length === 0 ? `Nothing to do: ${name} is up to date` : `${name} is up to date now`);
  return true;
}

/** Applies the schema files that the database does not have yet, each once, and says which. */
await runServerCommand({
  postgres: async (options, say) => tell(await migrateServer(options), 'the database', say),
  snowflake: async (options, say) => {
    const { database, schema } = options;
    return tell(await migrateSnowflake(options), `${database}.${schema}`, say);
  },
});
