import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { packageFile } from '../../src/platform/package-file.js';

const run = promisify(execFile);

const version = 'v1.36.0';

/** oasdiff is a Go program, and Go is not there. */
export class GoMissing extends Error {
  constructor() {
    super(
      'oasdiff, which compares contracts, is built with Go, and there is no `go` on the PATH: see ' +
        'https://go.dev/doc/install',
    );
  }
}

/** A change that breaks clients. */
export interface Breaking {
  /** Which of oasdiff's checks found it. */
  readonly id: string;
  /** Method and path of the operation. */
  readonly operation: string;
  readonly text: string;
}

/**
 * Builds oasdiff, unless that has been done, into a folder that goes with node_modules.
 *
 * @returns the path of the program
 * @throws GoMissing
 */
export async function buildOasdiff(): Promise<string> {
  const folder = packageFile(`node_modules/.cache/oasdiff-${version}`);
  const program = join(folder, 'oasdiff');
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  try {
    await run('go', ['install', `github.com/oasdiff/oasdiff@${version}`], {
      env: { ...process.env, GOBIN: folder },
    });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw new GoMissing();
    throw error;
  }
  return program;
}

const changes = z.array(
  z.object({ id: z.string(), operation: z.string(), path: z.string(), text: z.string() }),
);

/**
 * The changes from one contract to another that break clients.
 *
 * @param base path of the older document
 * @param revision path of the newer one
 * @throws GoMissing
 */
export async function breakingChanges(base: string, revision: string): Promise<Breaking[]> {
  const program = await buildOasdiff();
  const args = ['breaking', base, revision, '--format', 'json'];
  const { stdout } = await run(program, args, { maxBuffer: 64 * 1024 * 1024 });
  return changes
    .parse(JSON.parse(stdout))
    .map(({ id, operation, path, text }) => ({ id, operation: `${operation} ${path}`, text }))
    .filter(({ id }) => id !== openEnumeration);
}

/** Values may be added to an enumeration of a response: clients take values that they do not know. */
const openEnumeration = 'response-property-enum-value-added';
