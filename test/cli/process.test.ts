import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createRequire, isBuiltin } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { environmentOf } from '../support/command-line.js';
import { runService } from '../support/http.js';
import { loadedModules } from '../support/loaded-modules/loaded-modules.js';
import { Processes } from '../support/process.js';

const root = new URL('../../', import.meta.url);
const bundle = fileURLToPath(new URL('generated/deployment-queue.js', root));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm')).href;

describe('the program deployment-queue', () => {
  const running = runService();
  let processes: Processes;
  beforeEach(async () => {
    processes = await Processes.create();
  });
  afterEach(() => processes.dispose());
  const run = (...argv: string[]) => processes.run(environmentOf(running), 'src/cli/main.ts', argv);

  it('runs with the arguments and the environment of its process, and ends with its code', async () => {
    const { id } = await running.tenant.create();
    const found = await run('get', id, '--json').ended;
    expect(found).to.include({ code: 0, stderr: '' });
    expect(JSON.parse(found.stdout)).to.include({ id });
    const missing = await run('get', 'x').ended;
    expect(missing).to.include({ code: 2, stdout: '' });
  });

  it('loads what it is made of, nothing of the service, and what login and open need not before they do', async () => {
    const main = new URL('src/cli/main.ts', root).href;
    const code = `process.argv = ['node', 'main', 'list', '--url', 'http://127.0.0.1:9', '--retry-timeout', '1ms']; await import('${main}');`;
    const loaded = await loadedModules([tsx], `${code} process.exitCode = 0;`);
    const libraries = loaded.flatMap((url) => {
      const [, name] = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? [];
      return name === undefined ? [] : [name];
    });
    expect(new Set(libraries)).to.include.keys('commander', 'cliui', 'picocolors');
    const large = ['open', 'read', '@octokit/request', '@octokit/auth-oauth-device'];
    expect(libraries.filter((name) => large.includes(name))).to.deep.equal([]);
    const own = loaded.filter((url) => url.startsWith(new URL('src/', root).href));
    const foreign = own.filter((url) => !/\/src\/(cli|client)\//.test(url));
    expect(foreign.map((url) => url.replace(/.*\/src\/|\?.*/g, '')).sort()).to.deep.equal([
      'platform/loopback-url.ts',
      'platform/package-file.ts',
      'platform/proxied-fetch.ts',
      'platform/token-formats.ts',
    ]);
  });

  it('as one file needs Node alone: not the package, its libraries, nor the network', async () => {
    const { id } = await running.tenant.create({ notes: 'bundled' });
    const imports = (await readFile(bundle, 'utf8')).matchAll(
      /^import .* from ['"](.*)['"];$|\b__require\(['"](.*)['"]\)/gm,
    );
    const asked = [...imports].map(([, from, required]) => from ?? required ?? '');
    expect(asked).not.to.be.empty;
    // A library may ask for what only a later Node has (`node:sqlite`), where it is there.
    const others = asked.filter((name) => !isBuiltin(name) && !name.startsWith('node:'));
    expect(others).to.deep.equal([]);
    const child = spawn(process.execPath, [bundle, 'get', id], {
      cwd: processes.folder,
      env: environmentOf(running),
    });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    expect(await once(child, 'close')).to.deep.equal([0, null]);
    expect(stdout).to.match(/^notes +bundled$/m);
  });

  it('ends quietly when nobody reads on', async () => {
    // Far more than a pipe holds.
    const params = { pipeline_extra_params: 'n'.repeat(16_000) };
    for (let version = 1; version <= 20; version += 1) {
      await running.tenant.create({ ...params, version: String(version) });
    }
    const child = spawn(
      'bash',
      ['--norc', '-c', `set -o pipefail; node "$1" list --json | head -n 1`, '-', bundle],
      {
        env: { ...environmentOf(running), PATH: process.env['PATH'] },
      },
    );
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    expect(await once(child, 'close')).to.deep.equal([0, null]);
    expect(stderr).to.equal('');
  });
});
