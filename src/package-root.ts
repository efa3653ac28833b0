import { fileURLToPath } from 'node:url';

/**
 * The path of a file that ships with the package, the same from `src/` and from `dist/`.
 *
 * @param path relative to the top of the package
 */
export function packageFile(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}
