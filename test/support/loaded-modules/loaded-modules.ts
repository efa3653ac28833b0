import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const register = new URL('register.mjs', import.meta.url).href;

/**
 * Runs code in a process of its own.
 *
 * @param imports what the process imports before
 * @param code the text of a module
 * @param cwd where it is run
 * @returns the URLs of the modules that the code loaded, `node:` ones included
 */
export async function loadedModules(
  imports: readonly string[],
  code: string,
  cwd?: string,
): Promise<string[]> {
  const flags = [...imports, register].flatMap((url) => ['--import', url]);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...flags, '--input-type=module', '--eval', code],
    { cwd },
  );
  return stdout.split('\n').filter((line) => line !== '' && !line.startsWith('data:'));
}
