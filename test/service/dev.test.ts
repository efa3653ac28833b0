import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { packageFile } from '../../src/platform/package-file.js';
import { until } from '../support/until.js';

/** What `npm run dev` runs, with the paths of this checkout, so that it may run elsewhere. */
async function devCommand(): Promise<string[]> {
  const { scripts } = JSON.parse(await readFile(packageFile('package.json'), 'utf8')) as {
    scripts: Record<'dev', string>;
  };
  return scripts.dev.split(' ').map((word) => {
    if (word === 'node') return process.execPath;
    if (word === 'tsx') return import.meta.resolve('tsx');
    return word.startsWith('scripts/') ? packageFile(word) : word;
  });
}

describe('npm run dev', () => {
  let folder: string;
  let child: ChildProcess;
  let printed: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-dev-'));
  });
  afterEach(async () => {
    const ended = child.exitCode !== null || once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true });
  });

  function start([command = '', ...argv]: readonly string[]): void {
    printed = '';
    child = spawn(command, argv, {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, API_PORT: '0', MANAGEMENT_PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text));
  }

  const starts = () => printed.match(/listening/g)?.length ?? 0;

  it('starts again when .env comes or changes, or openapi.yaml does', async () => {
    start(await devCommand());
    await until('it serves', () => starts() === 1);
    for (const [file, text] of [
      ['.env', 'DEV_ORGANISATION=one\n'],
      ['.env', 'DEV_ORGANISATION=two\n'],
      ['openapi.yaml', 'openapi: 3.1.0\n'],
    ] as const) {
      const before = starts();
      await writeFile(join(folder, file), text);
      await until(`it serves again for ${file}`, () => starts() > before);
    }
    const organisations = [...printed.matchAll(/organisation (\S+)/g)].map(([, name]) => name);
    expect(organisations).to.deep.equal(['local-dev', 'one', 'two', 'two']);
    // Once for each change, and never for a file that is not there.
    expect(printed.match(/Restarting/g)).to.have.lengthOf(3);
  });

  it('has a log for people at a terminal', async function () {
    // As util-linux has it: it runs a command in a terminal of its own.
    if (!String(spawnSync('script', ['--version']).stdout).includes('util-linux')) {
      console.log('      SKIPPED: there is no script(1) of util-linux');
      this.skip();
    }
    const command = (await devCommand()).map((word) => `'${word}'`).join(' ');
    start(['script', '-qec', `exec ${command}`, '/dev/null']);
    await until('it serves', () => starts() === 1);
    const [, api = ''] = /API (http:\S+)\/v1/.exec(printed) ?? [];
    await fetch(`${api}/v1/current`);
    const line = /\[\d\d:\d\d:\d\d\] INFO: GET \/v1\/current 200 [\d.]+ ms/;
    await until('it has a line', () => line.test(stripVTControlCharacters(printed)));
    expect(stripVTControlCharacters(printed)).not.to.equal(printed);
    expect(printed).not.to.include('"level"');
  });
});
