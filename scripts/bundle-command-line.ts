/**
 * The command line as one file that runs with Node alone, for the GitHub Action: a runner checks the
 * action out at the commit that the workflow names and has neither `dist/` nor `node_modules/`.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../', import.meta.url));

/**
 * Bundles `src/cli/main.ts`. It holds the other generated files, so write these before.
 *
 * @returns an ES module for `generated/`, with the licences of the libraries in it
 */
export async function bundleCommandLine(): Promise<string> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/cli/main.ts'],
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    charset: 'utf8',
    // commander is CommonJS, and asks for Node's modules by require().
    banner: {
      js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
    },
    // Paths go into the bundle: the same ones where node_modules is a link to another folder.
    preserveSymlinks: true,
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const libraries = Object.keys(metafile.inputs).flatMap((path) => {
    const [, name] = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
    return name === undefined ? [] : [name];
  });
  const licences = await Promise.all([...new Set(libraries)].sort().map(licence));
  // Only the first line of a file may say what runs it, and node is told here by name.
  const code = (outputFiles[0]?.text ?? '').replace(/^#!.*\n/, '');
  return code + licences.join('');
}

async function licence(library: string): Promise<string> {
  const text = await readFile(`${root}node_modules/${library}/LICENSE`, 'utf8');
  const lines = text.trim().split('\n');
  return [`Contains ${library}, under this licence:`, '', ...lines]
    .map((line) => `// ${line}`.trimEnd() + '\n')
    .join('');
}
