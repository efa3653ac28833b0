import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What the probe says of the service's process after a collection of garbage. */
export interface Footprint {
  /** Resident set, in bytes. */
  readonly rss: number;
  /** Heap and what hangs from it outside, in bytes. */
  readonly heap: number;
  /** Timers, sockets and the like that are open. */
  readonly handles: number;
  /** Open file descriptors; 0 where the system does not tell. */
  readonly files: number;
}

/** A compiled service (`npm run build`) in a process of its own. */
export interface BuiltService {
  readonly pid: number;
  readonly apiUrl: string;
  readonly managementUrl: string;
  /** Log lines of level `error` and above. */
  readonly errors: readonly string[];
  footprint(): Promise<Footprint>;
  /** Sends SIGTERM. @returns the exit code */
  stop(): Promise<number | null>;
}

/**
 * Starts the compiled service with the probe.
 *
 * @param preloads further modules in this folder, loaded before the service
 */
export async function startBuiltService(
  environment: Readonly<Record<string, string>>,
  preloads: readonly string[] = [],
): Promise<BuiltService> {
  const modules = ['probe.js', ...preloads].map((name) => new URL(name, import.meta.url).href);
  const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
  const child = spawn(process.execPath, [...modules.flatMap((url) => ['--import', url]), main], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: { PATH: process.env['PATH'], ...environment },
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const errors: string[] = [];
  const listening = new Promise<{ api: string; management: string }>((resolve) => {
    if (child.stdout === null) throw new Error('Its output is piped');
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes('"msg":"listening"')) resolve(JSON.parse(line) as never);
      if (/^\{"level":[56]0,/.test(line)) errors.push(line);
    });
  });
  const { api, management } = await Promise.race([
    listening,
    exited.then(([code]) => {
      throw new Error(`The service ended with ${code}; has it been built (npm run build)?`);
    }),
  ]);
  return {
    pid: child.pid ?? 0,
    apiUrl: api,
    managementUrl: management,
    errors,
    async footprint() {
      const answer = once(child, 'message') as Promise<[Footprint]>;
      child.send('footprint');
      const [footprint] = await answer;
      return footprint;
    },
    async stop() {
      child.kill('SIGTERM');
      const [code] = await exited;
      return code;
    },
  };
}
