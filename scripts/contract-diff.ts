/**
 * Compares `openapi.yaml` with the last released contract, the newest in `docs/contract`, and fails
 * when a change would break clients: exit code 1. It is 2 when they cannot be compared.
 *
 * `npm run contract:diff -- other.yaml` compares another document than `openapi.yaml`.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { packageFile } from '../src/platform/package-file.js';
import { breakingChanges, GoMissing } from './contract/oasdiff.js';
import { releases } from './contract/releases.js';

const revision = process.argv[2] ?? packageFile('openapi.yaml');

try {
  const base = releases().at(-1);
  if (base === undefined) throw new Error('There is no released contract in docs/contract');
  const { info } = z
    .object({ info: z.object({ version: z.string() }) })
    .parse(parse(readFileSync(revision, 'utf8')));
  const breaking = await breakingChanges(base.file, revision);
  const newMajor = Number(info.version.split('.')[0]) > Number(base.version.split('.')[0]);

  for (const { id, operation, text } of breaking) console.log(`${operation}: ${text} [${id}]`);
  if (breaking.length === 0) {
    console.log(`Nothing in ${info.version} breaks clients of ${base.version}`);
  } else if (newMajor) {
    console.log(
      `${breaking.length} changes break clients of ${base.version}, as ${info.version} may`,
    );
  } else {
    console.log(
      `${breaking.length} changes break clients of ${base.version}: see docs/CONTRACT.md`,
    );
    process.exitCode = 1;
  }
} catch (error) {
  console.error(error instanceof GoMissing ? error.message : error);
  process.exitCode = 2;
}
