import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { packageFile } from '../../src/platform/package-file.js';
import { runProgram } from '../support/run-program.js';

/** A suite that mocha can run as it is; the last of its tests fails. */
const failing = `
describe('the sky', () => {
  it('is up', () => {});
  it('is green', () => { throw new Error('it is blue'); });
});
`;
const passing = "describe('water', () => it('is wet', () => {}));\n";

/** Stands in for npm: what it is asked for fails, passes, or is a suite that real mocha runs. */
const npm = `#!/bin/sh
mocha() { "$NODE" "$MOCHA" --no-config "$@"; }
case "$*" in
  "test") mocha failing.cjs; code=$?; mocha passing.cjs; echo '-----|-----'; echo 'table'; exit $code ;;
  *test:faults) mocha failing.cjs ;;
  *test:soak) echo 'it broke'; exit 3 ;;
  *test:*) mocha passing.cjs ;;
  *typecheck) echo 'error TS2322'; exit 2 ;;
esac
`;

/** What .ci/run would install, and what it would ask for. */
const tools = ['chromium', 'jq', 'prometheus', 'kustomize', 'go'];

describe('.ci/run', () => {
  let folder: string;
  let stdout: string;
  let code: number | null;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-ci-'));
    await mkdir(join(folder, 'bin'));
    await mkdir(join(folder, 'test/container/.venv/bin'), { recursive: true });
    await cp(packageFile('.ci'), join(folder, '.ci'), { recursive: true });
    await writeFile(join(folder, 'failing.cjs'), failing);
    await writeFile(join(folder, 'passing.cjs'), passing);
    await writeFile(join(folder, 'bin/npm'), npm, { mode: 0o755 });
    const nothing = '#!/bin/sh\n';
    for (const tool of [
      ...tools.map((name) => `bin/${name}`),
      'test/container/.venv/bin/hadolint',
    ]) {
      await writeFile(join(folder, tool), nothing, { mode: 0o755 });
    }
    ({ stdout, code } = await run());
  });
  after(() => rm(folder, { recursive: true }));

  /** Runs it with these tools, and none of npm's. */
  function run() {
    const start = [
      "const { spawnSync } = require('node:child_process');",
      "process.exitCode = spawnSync('.ci/run', { stdio: 'inherit' }).status;",
    ];
    const environment = {
      PATH: `${join(folder, 'bin')}:/usr/bin:/bin`,
      NODE: process.execPath,
      MOCHA: packageFile('node_modules/mocha/bin/mocha.js'),
    };
    return runProgram(['-e', start.join(' ')], environment, folder);
  }

  /** What it says after its last step. */
  const end = () => stdout.slice(stdout.indexOf('=== What failed'));

  it('fails, and counts in its last line', () => {
    expect(code).to.equal(1);
    expect(stdout.trimEnd().split('\n').at(-1)).to.match(/^\d+ passed, 4 failed$/);
  });

  it('names at its end each check that failed, and each suite', () => {
    const named = [...end().matchAll(/^!!! failed: (.*)$/gm)].map(([, step]) => step);
    expect(named).to.have.members([
      'npm run --silent typecheck',
      'npm test',
      'npm run --silent test:faults',
      'npm run --silent test:soak',
    ]);
  });

  it('prints there again what mocha reports of each failure, and nothing of what passed', () => {
    expect(end().match(/^ +1 failing$/gm)).to.have.length(2);
    expect(end().match(/Error: it is blue/g)).to.have.length(2);
    expect(end()).not.to.match(/✔|table|passing/);
  });

  it('prints none of that when nothing failed', async () => {
    await writeFile(join(folder, 'bin/npm'), '#!/bin/sh\necho "  1 passing"\n', { mode: 0o755 });
    const fine = await run();
    expect(fine.code).to.equal(0);
    expect(fine.stdout).not.to.include('What failed');
    expect(fine.stdout).to.match(/\n\d+ passed, 0 failed\n$/);
  });
});
