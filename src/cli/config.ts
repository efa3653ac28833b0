import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { variable } from './environment.js';
import type { Environment } from './environment.js';
import { messageOf, UsageError } from './failure.js';

/** What is written down between two commands. */
export interface Config {
  /** Where the service is, without `/v1`. */
  readonly url?: string;
  readonly organisation?: string;
  /** A person's GitHub token, for the service at `url` and no other. */
  readonly token?: string;
}

const names: readonly string[] = ['url', 'organisation', 'token'];

/** Where the file is; `undefined` where nothing says whose it would be. */
export function configPath(environment: Environment): string | undefined {
  const named = variable(environment, 'DEPLOYMENT_QUEUE_CONFIG');
  if (named !== undefined) return named;
  const home = variable(environment, 'HOME');
  const folder =
    variable(environment, 'XDG_CONFIG_HOME') ??
    variable(environment, 'APPDATA') ??
    (home === undefined ? undefined : join(home, '.config'));
  return folder === undefined ? undefined : join(folder, 'deployment-queue', 'config.json');
}

/**
 * What the file says; nothing when there is none.
 *
 * @throws UsageError it cannot be read, or says something else
 */
export function readConfig(environment: Environment): Config {
  const path = configPath(environment);
  if (path === undefined) return {};
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return {};
    throw new UsageError(`${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  return configOf(text, path);
}

/**
 * Writes the file, for its owner's eyes only.
 *
 * @throws UsageError it cannot be written
 */
export function writeConfig(environment: Environment, config: Config): string {
  const path = configPath(environment);
  if (path === undefined) {
    throw new UsageError(
      'there is no place for a config file: set DEPLOYMENT_QUEUE_CONFIG or HOME',
    );
  }
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // A new file, since writing to one that is there would leave its mode as it is.
    const fresh = `${path}.${process.pid}`;
    writeFileSync(fresh, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(fresh, path);
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${messageOf(error)}`, { cause: error });
  }
  return path;
}

function configOf(text: string, path: string): Config {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path} must hold JSON`, { cause: error });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new UsageError(`${path} must hold a JSON object`);
  }
  for (const [name, value] of Object.entries(parsed)) {
    if (names.includes(name) && typeof value === 'string' && value !== '') continue;
    throw new UsageError(`${path} may hold ${names.join(', ')}, each a text that is not empty`);
  }
  return parsed;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
