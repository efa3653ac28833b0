import { readdirSync } from 'node:fs';
import { build } from 'esbuild';
import type { Metafile } from 'esbuild';

/** What starts the service, or any other process. */
const starters: ReadonlySet<string> = new Set([
  'src/service.ts',
  'src/commands/serve.ts',
  'child_process',
  'node:child_process',
]);

/**
 * Finds the unit tests: every `*.test.ts` under `test/` that, with all that it imports, starts neither the
 * service nor a process. They need no list: who writes a test does not have to think of one.
 *
 * @returns their paths, from the root of the project
 */
export async function findUnitTests(): Promise<string[]> {
  const tests = readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `test/${name}`)
    .sort();
  // Imports of types alone are gone, as they are when a test runs.
  const { metafile } = await build({
    entryPoints: tests,
    bundle: true,
    metafile: true,
    write: false,
    outdir: 'unused',
    platform: 'node',
    format: 'esm',
    packages: 'external',
  });
  return tests.filter((test) => !startsSomething(test, metafile.inputs));
}

function startsSomething(test: string, inputs: Metafile['inputs']): boolean {
  const reached = new Set([test]);
  // A set goes on to what is added while it is walked.
  for (const path of reached) {
    if (starters.has(path)) return true;
    for (const imported of inputs[path]?.imports ?? []) reached.add(imported.path);
  }
  return false;
}
