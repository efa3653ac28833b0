import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { State } from './dockerfile.js';

/** Folders of this machine that stand for the base image: its programs and libraries. */
const baseImage = ['/usr', '/etc'];
/** Where a Debian of today has links into /usr. */
const links = ['bin', 'sbin', 'lib', 'lib64'];

/** How a command is run in a root of its own. */
export interface Sandbox {
  readonly root: string;
  readonly state: State;
  /** Whether the root may be written to. */
  readonly readOnly: boolean;
  /** Folders of this machine, by where they are seen inside. */
  readonly mounts?: Readonly<Record<string, string>>;
}

/**
 * Why commands cannot be run in a root of their own here; `undefined` when they can. Linux allows it
 * to root, and not in every container.
 */
export function whyNoSandbox(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root may mount and chroot';
  const tried = spawnSync('unshare', [
    '--mount',
    '--pid',
    '--fork',
    'mount',
    '--bind',
    '/',
    '/mnt',
  ]);
  return tried.status === 0 ? undefined : `unshare and mount do not work: ${String(tried.stderr)}`;
}

/**
 * Runs a command as a container would: in a root of its own, as process 1 of its own, as the user and
 * with the environment that the image says. The network is this machine's.
 */
export function runInside(
  { root, state, readOnly, mounts = {} }: Sandbox,
  command: readonly string[],
): ChildProcess {
  for (const folder of [...baseImage, '/proc', '/dev', state.workdir, ...Object.keys(mounts)]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  for (const name of links) {
    const link = join(root, name);
    if (!lstatSync(link, { throwIfNoEntry: false })) symlinkSync(`usr/${name}`, link);
  }
  const bound = Object.entries(mounts);
  const script = [
    'mount --bind "$1" "$1"',
    ...baseImage.map((folder) => `mount --bind ${folder} "$1${folder}"`),
    ...baseImage.map((folder) => `mount -o remount,ro,bind "$1${folder}"`),
    'mount --rbind /dev "$1/dev"',
    'mount -t proc proc "$1/proc"',
    ...bound.map(([inside, outside]) => `mount --bind "${outside}" "$1${inside}"`),
    ...(readOnly ? ['mount -o remount,ro,bind "$1"'] : []),
    // env runs the command in its folder, and both give their process to it.
    'root=$1 user=$2 folder=$3; shift 3',
    'exec chroot --userspec="$user" --groups= "$root" /usr/bin/env -i -C "$folder" "$@"',
  ].join('\n');
  const environment = Object.entries(state.environment).map(([name, value]) => `${name}=${value}`);
  return spawn(
    'unshare',
    ['--mount', '--pid', '--fork', '--propagation', 'private', 'sh', '-ec', script]
      .concat(['sandbox', root, state.user, state.workdir])
      .concat(environment, command),
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
}

/** Runs a command inside and waits for its end. */
export async function finishInside(sandbox: Sandbox, command: readonly string[]) {
  const child = runInside(sandbox, command);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

/** Sends a signal to process 1 inside, as a container engine does. */
export async function signalInside(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const { pid } = child;
  for (let tries = 0; pid !== undefined && tries < 100; tries += 1) {
    const inside = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    if (inside !== '') {
      process.kill(Number(inside), signal);
      return;
    }
    await sleep(10);
  }
  throw new Error('There is no process inside');
}
