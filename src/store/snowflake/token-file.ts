import { readFileSync } from 'node:fs';

/**
 * Reads a token from its file, as it is now: whoever issues it may put the next one there at any time.
 *
 * @param name of the setting that names the file
 * @throws Error that says nothing of what is in the file
 */
export function readToken(name: string, path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch {
    throw new Error(`${name} must name a file that can be read`);
  }
  if (!/^[\x21-\x7e]+$/.test(text)) throw new Error(`${name} must name a file with a token`);
  return text;
}
