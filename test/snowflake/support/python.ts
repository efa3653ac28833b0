import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../', import.meta.url));
const environment = join(folder, '.venv');
const requirements = join(folder, 'server/requirements.txt');
/** What was installed last, so that a change of the list installs anew. */
const stamp = join(environment, 'installed.txt');

/** An interpreter that has what the server needs, or why there is none. */
export type Python = { readonly path: string } | { readonly missing: string };

/** Makes the virtual environment unless it is there; `SNOWFLAKE_TEST_PYTHON` names another. */
export function preparePython(): Python {
  const own = process.env['SNOWFLAKE_TEST_PYTHON'];
  if (own !== undefined) return { path: own };
  const path = join(environment, 'bin/python');
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return { path };

  rmSync(environment, { recursive: true, force: true });
  const steps: readonly (readonly [string, ...string[]])[] = [
    ['python3', '-m', 'venv', environment],
    [path, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements],
  ];
  for (const [command, ...parameters] of steps) {
    const { status, error, stderr } = spawnSync(command, parameters, { encoding: 'utf8' });
    if (status === 0) continue;
    const reason = error?.message ?? stderr.trim().split('\n').at(-1) ?? '';
    return { missing: `${command} ${parameters.slice(0, 2).join(' ')} failed: ${reason}` };
  }
  writeFileSync(stamp, wanted);
  return { path };
}
