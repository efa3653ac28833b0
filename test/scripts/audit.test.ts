import { cp, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { packageFile } from '../../src/platform/package-file.js';
import { runProgram } from '../support/run-program.js';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const bulk = '/-/npm/v1/security/advisories/bulk';
const advisory = (severity: string) => ({
  express: [
    {
      id: 1,
      url: 'https://github.com/advisories/GHSA-0',
      title: 'Everything is open',
      severity,
      vulnerable_versions: '*',
    },
  ],
});

describe('npm run audit', () => {
  let folder: string;
  let registry: Server;
  let runs = 0;
  /** What the registry says of vulnerabilities; `undefined` when it does not offer that. */
  let advisories: object | undefined;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-audit-'));
    for (const name of ['package.json', 'package-lock.json']) {
      await cp(packageFile(name), join(folder, name));
    }
    registry = createServer((req, res) => {
      req.resume();
      const known = req.url === bulk && advisories !== undefined;
      res.writeHead(known ? 200 : 404, { 'Content-Type': 'application/json' });
      res.end(JSON.stringify(known ? advisories : {}));
    });
    await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
  });
  after(async () => {
    await new Promise((resolve) => registry.close(resolve));
    await rm(folder, { recursive: true });
  });

  function audit(port = (registry.address() as AddressInfo).port) {
    const script = ['--import', tsx, packageFile('scripts/audit.ts')];
    // Nothing but this registry is asked, whatever the machine reaches.
    const proxy = 'http://127.0.0.1:9';
    const settings = {
      npm_config_registry: `http://127.0.0.1:${port}/`,
      npm_config_https_proxy: proxy,
      npm_config_noproxy: '127.0.0.1',
      // npm remembers what it was told before.
      npm_config_cache: join(folder, `cache-${(runs += 1)}`),
    };
    return runProgram(script, settings, folder);
  }

  it('fails on a vulnerability of production that is high, and shows it', async () => {
    advisories = advisory('high');
    const { code, stdout } = await audit();
    expect(code).to.equal(1);
    expect(stdout).to.include('Everything is open');
  });

  it('passes when none is known, or only lower ones', async () => {
    for (advisories of [{}, advisory('low')]) {
      const { code, stdout } = await audit();
      expect(stdout).to.include('npm audit: nothing found');
      expect(code).to.equal(0);
    }
  });

  it('says by name what was not checked, and passes, where a registry offers neither', async () => {
    advisories = undefined;
    const { code, stdout } = await audit();
    expect(code).to.equal(0);
    expect(stdout).to.match(/^SKIPPED npm audit, nothing of it was checked: .*404/m);
    expect(stdout).to.match(/^SKIPPED npm audit signatures, nothing of it was checked: \S+/m);
  });

  it('says so as well when the registry is out of reach', async () => {
    const { code, stdout } = await audit(9);
    expect(code).to.equal(0);
    expect(stdout).to.match(/^SKIPPED npm audit, nothing of it was checked: \S+/m);
  });
});
