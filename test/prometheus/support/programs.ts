import { spawnSync } from 'node:child_process';

/** How a program ended, and what it said. */
export interface Outcome {
  readonly status: number | null;
  readonly output: string;
}

/** Runs a program to its end. */
export function run(program: string, parameters: readonly string[], input = ''): Outcome {
  const { status, stdout, stderr } = spawnSync(program, parameters, { encoding: 'utf8', input });
  return { status, output: stdout + stderr };
}

/**
 * Skips the tests of a suite where a program is missing, and says so.
 *
 * On Debian, Prometheus and promtool are both in the package `prometheus`.
 */
export function needPrograms(...programs: readonly string[]): void {
  before(function () {
    const missing = programs.filter((program) => spawnSync(program, ['--version']).error);
    if (missing.length === 0) return;
    console.error(`SKIPPED ${this.test?.parent?.title ?? ''}: ${missing.join(' and ')} missing`);
    this.skip();
  });
}
