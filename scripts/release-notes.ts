/**
 * Prints what CHANGELOG.md says of a release, and fails when tag, package, contract and changelog are not of one
 * version, or the release has no day yet: `npm run release:notes -- v0.2.0`.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { releaseNotes } from './changelog.js';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const { version } = JSON.parse(read('package.json')) as { version: string };
const { info } = parse(read('openapi.yaml')) as { info: { version: string } };
const [tag = ''] = process.argv.slice(2);

try {
  for (const [what, found] of [
    ['The tag', tag],
    ['The contract', `v${info.version}`],
  ]) {
    if (found !== `v${version}`) {
      throw new Error(
        `${what ?? ''} is of ${JSON.stringify(found)}, and package.json of v${version}`,
      );
    }
  }
  console.log(releaseNotes(read('CHANGELOG.md'), version));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
