import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = fileURLToPath(new URL('../../../', import.meta.url));
export const run = promisify(execFile);

/** A folder in which a tarball is installed, as somebody does who has never seen this project. */
export interface Consumer {
  readonly folder: string;
  /** What npm put into `node_modules`. */
  readonly packages: number;
  readonly bytes: { readonly tarball: number; readonly installed: number };
  remove(): Promise<void>;
}

/**
 * Packs and installs a package.
 *
 * @param pack leaves a tarball in a folder and returns its path
 */
export async function installInEmptyFolder(
  pack: (folder: string) => Promise<string>,
): Promise<Consumer> {
  const folder = await mkdtemp(join(tmpdir(), 'deployment-queue-consumer-'));
  const tarball = await pack(folder);
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  await install(folder, [tarball]);
  const modules = join(folder, 'node_modules');
  const lock = await readFile(join(modules, '.package-lock.json'), 'utf8');
  const { packages } = JSON.parse(lock) as { readonly packages: object };
  return {
    folder,
    packages: Object.keys(packages).length,
    bytes: { tarball: (await stat(tarball)).size, installed: await sizeOf(modules) },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Installs into a folder that has a `package.json`; what has been fetched before is not fetched again. */
export async function install(folder: string, names: readonly string[]): Promise<void> {
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  await run('npm', ['install', ...flags, ...names], { cwd: folder });
}

/** Says how large a package is, where whoever runs the tests sees it. */
export function report(name: string, { packages, bytes }: Consumer): void {
  const kilobytes = (size: number) => `${Math.ceil(size / 1024).toLocaleString('en')} kB`;
  console.log(
    `      ${name}: ${packages} package(s), ${kilobytes(bytes.installed)} installed, tarball of ${kilobytes(bytes.tarball)}`,
  );
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
