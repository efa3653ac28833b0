import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The top of the package: the nearest folder above this file that has a `package.json`. */
const root = findRoot(new URL('./', import.meta.url));

/**
 * The path of a file that ships with the package, the same from `src/`, from `dist/` and from the bundle
 * of the command line.
 *
 * @param path relative to the top of the package
 * @example packageFile('openapi.yaml')
 */
export function packageFile(path: string): string {
  return fileURLToPath(new URL(path, root));
}

function findRoot(folder: URL): URL {
  if (existsSync(new URL('package.json', folder))) return folder;
  const above = new URL('../', folder);
  if (above.href === folder.href) throw new Error('No package.json is above this file');
  return findRoot(above);
}
