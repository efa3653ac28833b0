import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { InvalidSettings, readSettings } from '../settings/settings.js';
import { explainLogin } from '../store/snowflake/explain-login.js';
import type { SnowflakeOptions } from '../store/snowflake/options.js';

/**
 * Runs a command on Snowflake with the settings of the environment or of `.env`, as the service does;
 * the exit code is 1 when it fails.
 *
 * @param command returns whether all is well
 */
export async function runCommand(
  command: (options: SnowflakeOptions, say: (line: string) => void) => Promise<boolean>,
): Promise<void> {
  try {
    if (existsSync('.env')) loadEnvFile('.env');
    const { store } = readSettings(process.env);
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
