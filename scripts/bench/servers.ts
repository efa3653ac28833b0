import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** A server in a process of its own. */
export interface BenchServer {
  readonly url: string;
  /** Seconds of CPU that the process has used. */
  cpuSeconds(): number;
  /** Resident memory in megabytes. */
  residentMegabytes(): number;
  stop(): Promise<void>;
}

interface StartOptions {
  readonly profileFolder?: string;
  readonly checkout?: string;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Starts one of the contestants on a file. */
export function startContestant(name: string, database: string): Promise<BenchServer> {
  const script = here(`contestants/${name}.ts`);
  return start(['--import', 'tsx', script, database], {}, /^listening (\S+)$/m);
}

/**
 * Starts the service as `npm start` does, on free ports of the loopback.
 *
 * @param environment its other settings
 * @param options.profileFolder where V8 writes a CPU profile when it stops
 * @param options.checkout the folder of another version, built
 */
export function startFull(
  environment: Record<string, string>,
  { profileFolder, checkout = here('../..') }: StartOptions = {},
): Promise<BenchServer> {
  const profile =
    profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
  const settings = {
    HOST: '127.0.0.1',
    API_PORT: '0',
    MANAGEMENT_PORT: '0',
    ALLOWED_ORGANISATIONS: '*',
    // What is measured is how much gets done, not how much an organisation may ask for.
    RATE_LIMIT_PER_SECOND: '0',
    ...environment,
  };
  return start(
    [...profile, join(checkout, 'dist/main.js')],
    settings,
    /"api":"([^"]+)".*listening/,
  );
}

async function start(
  args: readonly string[],
  environment: Record<string, string>,
  ready: RegExp,
): Promise<BenchServer> {
  // Into a file, as a container's runtime does it; a pipe would make the load generator read the logs.
  const output = join(mkdtempSync(join(tmpdir(), 'bench-output-')), 'stdout');
  const descriptor = openSync(output, 'w');
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', descriptor, 'inherit'],
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...environment },
  });
  closeSync(descriptor);
  const url = await findUrl(child, output, ready);
  return {
    url,
    cpuSeconds: () => readCpu(child),
    residentMegabytes: () => readMemory(child),
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function findUrl(child: ChildProcess, output: string, ready: RegExp): Promise<string> {
  for (;;) {
    const [, url] = ready.exec(readFileSync(output, 'utf8')) ?? [];
    if (url !== undefined) return url;
    if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}`);
    await sleep(2);
  }
}

/** Fields 14 and 15 of `/proc/PID/stat`, in ticks of which Linux has 100 a second (proc(5)). */
function readCpu({ pid }: ChildProcess): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function readMemory({ pid }: ChildProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
