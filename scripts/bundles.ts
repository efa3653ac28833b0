/**
 * The command line as files that run with Node alone, for the GitHub Action: a runner checks the
 * action out at the commit that the workflow names and has neither `dist/` nor `node_modules/`.
 */
import { readdir, readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { BuildOptions } from 'esbuild';

const root = fileURLToPath(new URL('../', import.meta.url));

/** What begins an ES module with a library in it that is CommonJS, and asks for Node's modules by require(). */
export const requireInModule =
  "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);";

/** The command line as one file, `deployment-queue.js`. */
const commandLine = { entryPoints: { 'deployment-queue': 'src/cli/main.ts' } };
/** What the action runs in a step, between steps and after the job, and beside them what they share. */
const action = {
  entryPoints: Object.fromEntries(
    ['main', 'renewer', 'post'].map((name) => [`action/${name}`, `src/action/${name}.ts`]),
  ),
  splitting: true,
  chunkNames: 'action/[name]-[hash]',
};

/**
 * Bundles the command line and the action. They hold the other generated files, so write these before.
 *
 * @returns ES modules by their paths, with the licences of the libraries in them
 */
export async function bundles(): Promise<ReadonlyMap<string, string>> {
  return new Map([...(await bundle(commandLine)), ...(await bundle(action))]);
}

async function bundle(options: BuildOptions): Promise<[path: string, content: string][]> {
  const { outputFiles, metafile } = await build({
    ...options,
    absWorkingDir: root,
    outdir: 'generated',
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    charset: 'utf8',
    banner: { js: requireInModule },
    // Paths go into the bundle: the same ones where node_modules is a link to another folder.
    preserveSymlinks: true,
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  return Promise.all(
    outputFiles.map(async ({ path, text }) => {
      const name = relative(root, path);
      const licences = await licencesOf(Object.keys(metafile.outputs[name]?.inputs ?? {}));
      // Only the first line of a file may say what runs it, and node is told here by name.
      return [name, text.replace(/^#!.*\n/, '') + licences] as [string, string];
    }),
  );
}

/** The licences of the libraries that files of a bundle belong to, as comments. */
export async function licencesOf(inputs: readonly string[]): Promise<string> {
  const libraries = inputs.flatMap((input) => {
    const [, library] = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
    return library === undefined ? [] : [library];
  });
  return (await Promise.all([...new Set(libraries)].sort().map(licence))).join('');
}

async function licence(library: string): Promise<string> {
  const folder = `${root}node_modules/${library}`;
  const name = (await readdir(folder)).find((file) => /^licen[cs]e/i.test(file));
  if (name === undefined) throw new Error(`${library} has no licence`);
  const text = await readFile(`${folder}/${name}`, 'utf8');
  const lines = text.trim().split('\n');
  return [`Contains ${library}, under this licence:`, '', ...lines]
    .map((line) => `// ${line}`.trimEnd() + '\n')
    .join('');
}
