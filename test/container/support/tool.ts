import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where `.ci/run` puts tools. */
const folder = fileURLToPath(new URL('../.venv/bin/', import.meta.url));

/**
 * Finds a program among the tools or on the machine.
 *
 * @returns its path or name; `undefined`, and says so, when it is not to be had
 */
export function findTool(name: string, versionFlag = '--version'): string | undefined {
  if (existsSync(folder + name)) return folder + name;
  if (spawnSync(name, [versionFlag]).status === 0) return name;
  console.log(`\nSKIPPED: what ${name} says; it is not here (.ci/run installs it)`);
  return undefined;
}
