import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { preparePython } from '../../support/python.js';

const execute = promisify(execFile);

/** The folder of this suite. */
export const suite = fileURLToPath(new URL('../', import.meta.url));

/** Where tools are put that are fetched or built here. */
const tools = join(suite, '.tools');

export const openApiGeneratorVersion = '7.25.0';
export const oapiCodegenVersion = '2.8.2';
/** Of Maven's plugin that copies artifacts and tells class paths. */
export const dependencyPlugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';

/** A tool that this machine does not have; the tests that need it are skipped, by name. */
export class ToolMissing extends Error {}

/**
 * Runs a program to its end.
 *
 * @returns what it prints
 * @throws ToolMissing there is no such program
 * @throws Error it fails; with what it printed
 */
export async function run(
  program: string,
  parameters: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const { cwd = suite, env = {} } = options;
  try {
    const { stdout } = await execute(program, parameters, {
      cwd,
      env: { ...process.env, ...env },
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if ('code' in error && error.code === 'ENOENT') {
      throw new ToolMissing(`there is no ${program} on the PATH`);
    }
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${parameters.join(' ')} failed:\n${stdout}\n${stderr}`, {
      cause: error,
    });
  }
}

/**
 * Makes sure that a program is there.
 *
 * @param parameters with which it does nothing and succeeds
 * @throws ToolMissing
 */
export function need(program: string, ...parameters: readonly string[]): void {
  if (spawnSync(program, parameters).status !== 0) {
    throw new ToolMissing(`there is no ${program} on the PATH`);
  }
}

/** Fetches a tool unless that has been done. @throws ToolMissing it cannot be had */
async function fetchOnce(file: string, fetch: () => Promise<unknown>): Promise<string> {
  if (existsSync(file)) return file;
  await mkdir(tools, { recursive: true });
  try {
    await fetch();
  } catch (error) {
    throw new ToolMissing(error instanceof Error ? error.message : String(error));
  }
  return file;
}

/** openapi-generator, from Maven Central. @returns the path of its JAR */
export async function openApiGenerator(): Promise<string> {
  need('java', '-version');
  const name = `openapi-generator-cli-${openApiGeneratorVersion}.jar`;
  return fetchOnce(join(tools, name), () =>
    run('mvn', [
      ...['--quiet', '--batch-mode', `${dependencyPlugin}:copy`],
      `-Dartifact=org.openapitools:openapi-generator-cli:${openApiGeneratorVersion}`,
      `-DoutputDirectory=${tools}`,
    ]),
  );
}

/** oapi-codegen, built with Go. @returns the path of the program */
export async function oapiCodegen(): Promise<string> {
  const folder = join(tools, `oapi-codegen-${oapiCodegenVersion}`);
  const module = `github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v${oapiCodegenVersion}`;
  return fetchOnce(join(folder, 'oapi-codegen'), () =>
    run('go', ['install', module], { env: { GOBIN: folder } }),
  );
}

/**
 * vacuum, from the PATH. It is built with Go only when `BUILD_VACUUM` is `true`, since that takes minutes.
 *
 * @returns its name, or the path of the program
 */
export async function vacuum(): Promise<string> {
  if (spawnSync('vacuum', ['version']).status === 0) return 'vacuum';
  const program = join(tools, 'vacuum');
  if (!existsSync(program) && process.env['BUILD_VACUUM'] !== 'true') {
    throw new ToolMissing(
      'it is not on the PATH, and BUILD_VACUUM=true, which builds it, is not set',
    );
  }
  return fetchOnce(program, () =>
    run('go', ['build', '-o', program, 'github.com/daveshanley/vacuum'], {
      cwd: join(suite, 'vacuum'),
    }),
  );
}

/** Python with requirements.txt. @returns the folder of its programs */
export function pythonTools(): string {
  const python = preparePython(suite);
  if ('missing' in python) throw new ToolMissing(python.missing);
  return join(python.path, '..');
}
