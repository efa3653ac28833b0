import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import dockerignore from '@balena/dockerignore';
import type { Stage, State, Step } from './dockerfile.js';
import { finishInside } from './sandbox.js';

/** The folder that an image is built from. */
export const context = fileURLToPath(new URL('../../../', import.meta.url));

/** Files that must not get into an image, whether or not they are here. */
export const traps = [
  ...['.env', '.npmrc', 'snowflake.p8', 'data/deployments.db', '.git/config'],
  ...['node_modules/express/index.js', 'dist/main.js', 'coverage/lcov.info', 'src/.env'],
];

/** The files of the context, relative to it, that .dockerignore lets through. */
export function contextFiles(): string[] {
  const rules = readFileSync(join(context, '.dockerignore'), 'utf8');
  return dockerignore
    .default()
    .add(rules)
    .filter([...filesBelow(''), ...traps]);
}

/** All files but those of the large folders that `traps` has a file of. */
function filesBelow(folder: string): string[] {
  return readdirSync(join(context, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return [path];
    const large = traps.some((trap) => trap.startsWith(`${path}/`) && path !== 'src');
    return large ? [] : filesBelow(path);
  });
}

/**
 * Carries out the steps of the stages, each in an empty folder of its own.
 *
 * @returns the folder of each stage, by name
 */
export async function build(stages: readonly Stage[], folder: string) {
  const roots = new Map<string, string>();
  for (const stage of stages) {
    const root = join(folder, stage.name);
    mkdirSync(root);
    // Others than root are to get in, as they get into an image.
    chmodSync(root, 0o755);
    roots.set(stage.name, root);
    for (const step of stage.steps) await carryOut(step, root, roots);
  }
  return roots;
}

async function carryOut(step: Step, root: string, roots: ReadonlyMap<string, string>) {
  if (step.kind === 'workdir') {
    mkdirSync(join(root, step.path), { recursive: true });
  } else if (step.kind === 'copy') {
    copy(step, root, roots);
  } else {
    const state = { ...step.state, environment: forNpm(step.state) };
    const { code, output } = await finishInside(
      { root, state, readOnly: false, mounts: npmCache() },
      step.command,
    );
    if (code !== 0) throw new Error(`${step.command.join(' ')} ended with ${code}:\n${output}`);
  }
}

/** As `docker build` hands on what a machine needs to reach the registry. */
function forNpm({ environment }: State): Record<string, string> {
  const names = Object.keys(process.env).filter((name) =>
    /^(https?_proxy|no_proxy|npm_config_registry|node_extra_ca_certs)$/i.test(name),
  );
  const handed = names.map((name) => [name, process.env[name] ?? '']);
  return { HOME: '/root', ...environment, ...Object.fromEntries(handed) };
}

/** What npm has downloaded before, as a cache mount of `docker build` would hand it on. */
function npmCache(): Record<string, string> {
  const cache = process.env['npm_config_cache'] ?? join(homedir(), '.npm');
  return existsSync(cache) ? { '/root/.npm': cache } : {};
}

/** https://docs.docker.com/reference/dockerfile/#copy: of a folder its contents are copied. */
function copy(
  { stage, sources, target, state }: Extract<Step, { kind: 'copy' }>,
  root: string,
  roots: ReadonlyMap<string, string>,
): void {
  const to = join(root, target.startsWith('/') ? target : join(state.workdir, target));
  const isFolder = target.endsWith('/') || sources.length > 1;
  if (sources.length > 1 && !target.endsWith('/')) throw new Error(`COPY: ${target} needs a /`);
  for (const source of sources) {
    const from = stage === undefined ? context : roots.get(stage);
    if (from === undefined) throw new Error(`COPY: there is no stage ${String(stage)} before`);
    const name = source.replace(/^\/|\/$/g, '');
    if (stage === undefined) copyFromContext(name, to, isFolder);
    else if (lstatSync(join(from, name)).isDirectory()) {
      cpSync(join(from, name), to, { recursive: true, verbatimSymlinks: true });
    } else cpSync(join(from, name), isFolder ? join(to, basename(name)) : to);
  }
}

function copyFromContext(name: string, to: string, isFolder: boolean): void {
  const files = contextFiles().filter((file) => file === name || file.startsWith(`${name}/`));
  if (files.length === 0) throw new Error(`COPY: ${name} is not in the context`);
  for (const file of files) {
    const inside = file.slice(name.length + 1);
    const place = inside !== '' ? join(to, inside) : isFolder ? join(to, basename(name)) : to;
    cpSync(join(context, file), place);
  }
}
