import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** What a program printed, and how it ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program by Node in a process of its own, without this process's settings.
 *
 * @param cwd where it is run
 */
export async function runProgram(
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
  cwd: string,
): Promise<Outcome> {
  const { PATH = '', HOME = '', NODE_V8_COVERAGE: coverage } = process.env;
  const child = spawn(process.execPath, argv, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH,
      HOME,
      ...(coverage !== undefined && { NODE_V8_COVERAGE: coverage }),
      ...environment,
    },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}
