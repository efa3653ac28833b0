import { readdir, readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { packageFile } from '../../../src/platform/package-file.js';

/** One import of a file of `src/`. */
export interface Import {
  /** The file, such as `src/http/app.ts`. */
  readonly from: string;
  /** A file of the repository, such as `src/http/body.ts`, or the name of a package. */
  readonly to: string;
  /** Whether nothing but types is imported. */
  readonly typesOnly: boolean;
}

/** Every import of every file of `src/`, those that are made while it runs included; not Node's modules. */
export async function importsOfSource(): Promise<Import[]> {
  const names = await readdir(packageFile('src'), { recursive: true });
  const files = names.filter((name) => /\.[jt]sx?$/.test(name)).map((name) => `src/${name}`);
  return (await Promise.all(files.map(importsOf))).flat();
}

async function importsOf(from: string): Promise<Import[]> {
  const text = await readFile(packageFile(from), 'utf8');
  const found = text.matchAll(
    /^(?:import|export) (type )?(?:[^'"=(;]*? from )?'([^']+)';|\bimport\('([^']+)'\)/gm,
  );
  return [...found]
    .map(([, type, named, loaded]) => ({
      typesOnly: type !== undefined,
      path: named ?? loaded ?? '',
    }))
    .filter(({ path }) => !path.startsWith('node:'))
    .map(({ typesOnly, path }) => ({ from, to: target(from, path), typesOnly }));
}

function target(from: string, path: string): string {
  if (path.startsWith('.')) {
    return posix.join(posix.dirname(from), path).replace(/^(src\/.*)\.js$/, '$1.ts');
  }
  return path.split('/', path.startsWith('@') ? 2 : 1).join('/');
}
