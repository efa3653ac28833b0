/** The board as files that a browser loads: one script and one style sheet, named by what is in them. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { licencesOf } from './bundles.js';

const root = fileURLToPath(new URL('../', import.meta.url));

/**
 * Bundles the board. It holds the other generated files, so write these before.
 *
 * @returns the files by their paths: `generated/board/index.html`, and what that names
 */
export async function bundleBoard(): Promise<ReadonlyMap<string, string>> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: { board: 'src/board/main.tsx' },
    entryNames: '[name]-[hash]',
    outdir: 'generated/board',
    bundle: true,
    minify: true,
    platform: 'browser',
    // What browsers of two years ago know.
    target: ['chrome120', 'firefox124', 'safari17.4'],
    format: 'esm',
    charset: 'utf8',
    tsconfig: 'src/board/tsconfig.json',
    preserveSymlinks: true,
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const licences = await licencesOf(Object.keys(metafile.inputs));
  const icon = await readFile(`${root}src/board/icon.svg`, 'utf8');
  const files = new Map([[`icon-${hashOf(icon)}.svg`, icon]]);
  for (const { path, text } of outputFiles) {
    files.set(basename(path), path.endsWith('.js') ? text + licences : text);
  }
  let page = await readFile(`${root}src/board/page.html`, 'utf8');
  for (const name of files.keys()) {
    page = page.replace(name.replace(/-\w+(?=\.\w+$)/, ''), name);
  }
  return new Map(
    [...files, ['index.html', page] as const].map(([name, text]) => [
      `generated/board/${name}`,
      text,
    ]),
  );
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8).toUpperCase();
}
