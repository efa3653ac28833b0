import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** An interpreter that has what is required, or why there is none. */
export type Python = { readonly path: string } | { readonly missing: string };

/**
 * Makes the virtual environment `.venv` in a folder, unless it is there and has what is required.
 *
 * @param folder of the suite that uses it
 * @param requirements what to install, a file of pip's in that folder
 */
export function preparePython(folder: string, requirements = 'requirements.txt'): Python {
  const environment = join(folder, '.venv');
  const list = join(folder, requirements);
  // What was installed last, so that a change of the list installs anew.
  const stamp = join(environment, 'installed.txt');
  const path = join(environment, 'bin/python');
  const wanted = readFileSync(list, 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return { path };

  rmSync(environment, { recursive: true, force: true });
  const steps: readonly (readonly [string, ...string[]])[] = [
    ['python3', '-m', 'venv', environment],
    [path, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', list],
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
