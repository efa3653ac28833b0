import { resolve } from 'node:path';
import { InvalidSettings, loadStoreSettings } from '../settings/settings.js';
import { explainLogin } from '../store/snowflake/explain-login.js';
import type { SnowflakeOptions } from '../store/snowflake/options.js';

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
    const [file, ...more] = process.argv.slice(2);
    if (file === undefined || file === '' || file.startsWith('-') || more.length > 0) {
      throw new Error(`Usage: npm run ${name} -- FILE`);
    }
    const store = loadStoreSettings();
    if (store.kind !== 'sqlite') {
      throw new Error(
        `The store is Snowflake, and ${name} is for SQLite: use Time Travel or a clone, see ` +
          'docs/OPERATIONS.md',
      );
    }
    for (const line of command(resolve(store.path), resolve(file))) console.log(line);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

/**
 * Runs a command on Snowflake with the service's settings; the exit code is 1 when it fails.
 *
 * @param command returns whether all is well
 */
export async function runSnowflakeCommand(
  command: (options: SnowflakeOptions, say: (line: string) => void) => Promise<boolean>,
): Promise<void> {
  try {
    const store = loadStoreSettings();
    if (store.kind === 'sqlite') {
      console.log('The store is SQLite: the service brings its schema up to date by itself');
      return;
    }
    const well = await command(store.options, (line) => {
      console.log(line);
    });
    if (!well) process.exitCode = 1;
  } catch (error) {
    console.error(error instanceof InvalidSettings ? error.message : explainLogin(error));
    process.exitCode = 1;
  }
}
