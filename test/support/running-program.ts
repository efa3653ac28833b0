import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { CommandResult } from './command-line.js';
import { compiled } from './compiled.js';
import { until } from './until.js';

/** `deployment-queue` in a process of its own. */
export class RunningProgram {
  readonly #child: ChildProcess;
  readonly ended: Promise<CommandResult>;
  stdout = '';
  stderr = '';

  /**
   * @param folder where it works
   * @param preload a module that is loaded before it
   */
  constructor(
    environment: Readonly<Record<string, string>>,
    argv: readonly string[],
    { folder, preload, stdin = '' }: { folder: string; preload?: string; stdin?: string },
  ) {
    const node = preload === undefined ? [] : ['--import', preload];
    this.#child = spawn(process.execPath, [...node, compiled('src/cli/main.ts'), ...argv], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', ...environment },
    });
    this.#child.stdin?.on('error', () => undefined).end(stdin);
    for (const name of ['stdout', 'stderr'] as const) {
      this.#child[name]?.setEncoding('utf8').on('data', (text: string) => (this[name] += text));
    }
    this.ended = once(this.#child, 'close').then(([code]) => {
      const { stdout, stderr } = this;
      return { code: code as number, stdout, stderr };
    });
  }

  /** Waits until it has said something on stderr. */
  async says(what: RegExp): Promise<void> {
    await until(`it says ${String(what)}`, () => {
      if (what.test(this.stderr)) return true;
      if (this.#child.exitCode === null) return false;
      throw new Error(`It ended with ${this.#child.exitCode}: ${this.stderr}`);
    });
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }
}

/** A module that lets the clock and the timers of a process go so many times as fast. */
export function fasterClock(times: number): string {
  const code = `
    const { setTimeout: wait } = globalThis;
    globalThis.setTimeout = (act, ms, ...more) => wait(act, ms / ${times}, ...more);
    const now = performance.now.bind(performance);
    performance.now = () => now() * ${times};
  `;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}
