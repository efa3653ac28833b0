import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadEnvFile } from 'node:process';
import { readSettings } from '../settings/settings.js';

/**
 * Runs a command on the SQLite file that the settings of the environment or of `.env` name, as the
 * service does; the exit code is 1 when it fails.
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
    if (existsSync('.env')) loadEnvFile('.env');
    const { store } = readSettings(process.env);
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
