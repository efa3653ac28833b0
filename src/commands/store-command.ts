import { resolve } from 'node:path';
import { StartupError } from '../platform/startup-error.js';
import { InvalidSettings, loadStoreSettings } from '../settings/settings.js';
import { explainPostgres } from '../store/postgres/explain.js';
import type { PostgresOptions } from '../store/postgres/options.js';
import { explainLogin } from '../store/snowflake/explain-login.js';
import type { SnowflakeOptions } from '../store/snowflake/options.js';
import { BackupRefused } from '../store/sqlite/backup.js';

/**
 * Runs a command on the SQLite file that the service's settings name; the exit code is 1 when it fails.
 *
 * @param name of the npm script, whose only argument is a file
 * @param command is given the absolute paths of the database and of that file; returns what to say
 */
export function runSqliteCommand(
  name: string,
  command: (database: string, file: string) => readonly string[],
): void {
  try {
    const file = readFileName(name);
    const store = loadStoreSettings();
    if (store.kind !== 'sqlite') {
      const instead =
        store.kind === 'postgres'
          ? `The store is PostgreSQL, and ${name} is for SQLite: use pg_dump and pg_restore`
          : `The store is Snowflake, and ${name} is for SQLite: use Time Travel or a clone`;
      throw new Error(`${instead}, see docs/OPERATIONS.md`);
    }
    for (const line of command(resolve(store.path), file)) console.log(line);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

/**
 * The only argument of a command, as an absolute path.
 *
 * @throws StartupError that says how the command is called
 */
function readFileName(command: string): string {
  const [file, ...more] = process.argv.slice(2);
  if (file === undefined || file === '' || file.startsWith('-') || more.length > 0) {
    throw new StartupError(`Usage: npm run ${command} -- FILE`);
  }
  return resolve(file);
}

/** A command on a store; returns whether all is well. */
type StoreCommand<Options> = (options: Options, say: (line: string) => void) => Promise<boolean>;

/**
 * Runs a command that copies a SQLite file into the database of the service's settings; the exit code is 1 when it
 * fails.
 *
 * @param name of the npm script, whose only argument is the file
 */
export async function runCopyCommand(
  name: string,
  command: (file: string, options: PostgresOptions, say: (line: string) => void) => Promise<void>,
): Promise<void> {
  try {
    const file = readFileName(name);
    const store = loadStoreSettings();
    if (store.kind !== 'postgres') {
      throw new StartupError(
        `${name} copies a SQLite file into PostgreSQL: name the database with STORE=postgres and DATABASE_URL ` +
          '(docs/POSTGRESQL.md)',
      );
    }
    await command(file, store.options, (line) => {
      console.log(line);
    });
  } catch (error) {
    fail(error, explainPostgres);
  }
}

/** The same for each store that has a server. */
interface ServerCommands {
  readonly postgres?: StoreCommand<PostgresOptions>;
  readonly snowflake: StoreCommand<SnowflakeOptions>;
}

/** Runs a command on the database of the service's settings; the exit code is 1 when it fails. */
export async function runServerCommand(commands: ServerCommands): Promise<void> {
  let explain: (error: unknown) => string = explainLogin;
  const say = (line: string): void => {
    console.log(line);
  };
  try {
    const store = loadStoreSettings();
    if (store.kind === 'sqlite') {
      say('The store is SQLite: the service brings its schema up to date by itself');
      return;
    }
    let well: boolean;
    if (store.kind === 'snowflake') well = await commands.snowflake(store.options, say);
    else {
      explain = explainPostgres;
      if (commands.postgres === undefined) throw new Error('This command is for Snowflake alone');
      well = await commands.postgres(store.options, say);
    }
    if (!well) process.exitCode = 1;
  } catch (error) {
    fail(error, explain);
  }
}

/** Says why a command failed. */
function fail(error: unknown, explain: (error: unknown) => string): void {
  const saysItself =
    error instanceof InvalidSettings ||
    error instanceof StartupError ||
    error instanceof BackupRefused;
  console.error(saysItself ? error.message : explain(error));
  process.exitCode = 1;
}
