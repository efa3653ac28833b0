import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compiled } from './compiled.js';
import { until } from './until.js';

/** The loader that runs TypeScript, found from here since the processes run elsewhere. */
const tsx = createRequire(import.meta.url).resolve('tsx');

/** How a process came to its end. */
export interface Ended {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A service in a process of its own, which answers. */
export interface ServiceProcess {
  readonly apiUrl: string;
  readonly managementUrl: string;
  /** What it has written so far, by lines. */
  readonly lines: readonly string[];
  /** Sends a signal. */
  signal(name: NodeJS.Signals): void;
  /** The reading end of what it writes to; `null` when that is a file. */
  readonly stdout: Readable | null;
  /** Once the process is gone, though not all that it wrote may have been read. */
  readonly exited: Promise<unknown>;
  readonly ended: Promise<Ended>;
}

/** Processes that share a working folder, which is removed with the last of them. */
export class Processes {
  readonly folder: string;
  readonly #node: readonly [string, ...string[]];
  readonly #running = new Set<{ end(): Promise<unknown> }>();

  private constructor(folder: string, node: readonly [string, ...string[]]) {
    this.folder = folder;
    this.#node = node;
  }

  /** @param node how Node is run, when not as it is; what it is run by becomes it */
  static async create(
    node: readonly [string, ...string[]] = [process.execPath],
  ): Promise<Processes> {
    return new Processes(await mkdtemp(join(tmpdir(), 'deployment-queue-')), node);
  }

  /** The path of the database that every process here has, unless told otherwise. */
  get database(): string {
    return join(this.folder, 'deployments.db');
  }

  /**
   * Runs a script of the project, and nothing of this process's settings reaches it.
   *
   * @param environment its settings; by default every organisation may call, and ports are the system's choice
   * @param output an open file that it writes to, instead of to this process
   */
  run(
    environment: Record<string, string>,
    script = 'src/main.ts',
    args: readonly string[] = [],
    output: 'pipe' | number = 'pipe',
  ) {
    const lines: string[] = [];
    const file = projectFile(script);
    const loader = file.endsWith('.ts') ? ['--import', pathToFileURL(tsx).href] : [];
    const [node, ...before] = this.#node;
    const child = spawn(node, [...before, ...loader, file, ...args], {
      cwd: this.folder,
      stdio: ['ignore', output, 'pipe'],
      env: {
        ...inherited(),
        SQLITE_PATH: this.database,
        ALLOWED_ORGANISATIONS: '*',
        HOST: '127.0.0.1',
        API_PORT: '0',
        MANAGEMENT_PORT: '0',
        ...environment,
      },
    });
    let stdout = '';
    let stderr = '';
    let unfinished = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      const complete = (unfinished + text).split('\n');
      unfinished = complete.pop() ?? '';
      lines.push(...complete);
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const exited = once(child, 'exit');
    const ended = once(child, 'close').then(([code]): Ended => {
      this.#running.delete(running);
      return { code: code as number | null, stdout, stderr };
    });
    const running = {
      end: () => {
        child.kill('SIGKILL');
        return ended;
      },
    };
    this.#running.add(running);
    const signal = (name: NodeJS.Signals) => void child.kill(name);
    return { lines, exited, ended, signal, stdout: child.stdout, stderr: child.stderr };
  }

  /** Runs a service and waits until it is ready. */
  async start(environment: Record<string, string> = {}, script?: string): Promise<ServiceProcess> {
    const started = this.run(environment, script);
    const { lines, ended } = started;
    let end: Ended | undefined;
    void ended.then((how) => (end = how));
    for (;;) {
      if (end !== undefined) throw new Error(`It did not start: ${JSON.stringify(end)}`);
      const listening = lines.find((line) => line.includes('"msg":"listening"'));
      if (listening !== undefined) {
        const { api, management } = JSON.parse(listening) as { api: string; management: string };
        await until('it is ready', async () => (await fetch(`${management}/ready`)).ok);
        return { apiUrl: api, managementUrl: management, ...started };
      }
      await sleep(10);
    }
  }

  /** Ends whatever still runs and removes the folder. */
  async dispose(): Promise<void> {
    await Promise.all([...this.#running].map((running) => running.end()));
    await rm(this.folder, { recursive: true });
  }
}

/** The log lines among what a process wrote. */
export function logLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

function projectFile(path: string): string {
  if (path.startsWith('src/')) return compiled(path);
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/** What a process needs to run at all, and to be counted in the coverage. */
function inherited(): Record<string, string> {
  return Object.fromEntries(
    ['PATH', 'HOME', 'TMPDIR', 'NODE_V8_COVERAGE'].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
