import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { compiled } from './compiled.js';

/** Runs a command of `src/commands` with only these settings. */
export async function runCommand(
  command: string,
  settings: Record<string, string>,
  ...args: string[]
) {
  const script = compiled(`src/commands/${command}.ts`);
  const child = spawn(process.execPath, [script, ...args], {
    env: {
      PATH: process.env['PATH'],
      NODE_V8_COVERAGE: process.env['NODE_V8_COVERAGE'],
      ...settings,
    },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout, stderr };
}
