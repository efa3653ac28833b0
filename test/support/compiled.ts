import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** As deep as `src` and `dist`, for what they import from beside them. */
const folder = join(root, '.compiled');

/** Whoever has just compiled it, and runs the tests in several processes, says so (`scripts/test.ts`). */
let done = process.env['SOURCES_COMPILED'] === 'true';

/**
 * The path of a file of `src`, compiled. A process starts from it in less than half of the time that it takes
 * through tsx, and its source map lets what it covers count for `src`.
 *
 * @param source such as `src/main.ts`
 */
export function compiled(source: string): string {
  compileSources();
  return join(folder, source.replace(/^src\//, '').replace(/\.ts$/, '.js'));
}

/** Compiles all of `src` once in a run; other runs at the same time do no harm. */
export function compileSources(): void {
  if (done) return;
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const { outputFiles } = buildSync({
    absWorkingDir: root,
    entryPoints: sources
      .filter((name) => /(?<!\.d)\.[tj]s$/.test(name))
      .map((name) => `src/${name}`),
    outbase: 'src',
    outdir: folder,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    sourcemap: 'inline',
    write: false,
  });
  for (const { path, text } of outputFiles) if (contentOf(path) !== text) replace(path, text);
  done = true;
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Whoever reads the file meanwhile has the old one or the new one, whole. */
function replace(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, text);
  renameSync(unfinished, path);
}
