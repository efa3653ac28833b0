import { spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { deploymentBody } from '../support/deployments.js';
import { logLines } from '../support/process.js';
import { build, context, contextFiles, traps } from './support/build.js';
import { readStages } from './support/dockerfile.js';
import type { Stage } from './support/dockerfile.js';
import { finishInside, runInside, signalInside, whyNoSandbox } from './support/sandbox.js';

const dockerfile = readFileSync(join(context, 'Dockerfile'), 'utf8');
const manifest = JSON.parse(readFileSync(join(context, 'package.json'), 'utf8')) as {
  engines: { node: string };
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};

/** The stage that becomes the image: the last. */
function lastStage(text = dockerfile): Stage {
  const stage = readStages(text).at(-1);
  if (stage === undefined) throw new Error('The Dockerfile has no stage');
  return stage;
}

describe('the Dockerfile', () => {
  const image = lastStage();

  it('takes an image of Node that the package supports, on Debian, and by its digest', () => {
    const [, least] = /^>=(\d+)\./.exec(manifest.engines.node) ?? [];
    for (const { base } of readStages(dockerfile)) {
      const [, tag, major, digest] =
        /^(node:(\d+)\.\d+\.\d+-bookworm-slim)@(sha256:[0-9a-f]{64})$/.exec(base) ?? [];
      expect(Number(major), base).to.be.at.least(Number(least));
      expect(dockerfile).to.include(`image.base.name="docker.io/library/${String(tag)}"`);
      expect(dockerfile).to.include(`image.base.digest="${String(digest)}"`);
    }
  });

  it('runs as a user with a number, other than root, in the group of users that a platform chooses', () => {
    const [user, group] = image.user.split(':');
    expect(Number(user)).to.be.greaterThan(0);
    expect(group).to.equal('0');
  });

  it('keeps the data in a volume', () => {
    expect(image.volumes).to.deep.equal(['/data']);
    expect(image.environment['SQLITE_PATH']).to.match(/^\/data\//);
  });

  it('stops by SIGTERM', () => {
    expect(image.stopSignal).to.equal('SIGTERM');
  });

  it('sees of the context only what is named for it', () => {
    const files = contextFiles();
    expect(files).to.include.members(['package.json', 'package-lock.json', 'src/main.ts']);
    expect(files.filter((file) => traps.includes(file))).to.deep.equal([]);
    const tops = new Set(files.map((file) => file.split('/')[0]));
    expect(files.filter((file) => file.startsWith('scripts'))).to.deep.equal([
      'scripts/copy-docs-page.ts',
      'scripts/write-sbom.ts',
    ]);
    expect([...tops]).to.have.members([
      ...['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'],
      ...['openapi.yaml', 'generated', 'sql', 'src', 'docs-page', 'scripts'],
    ]);
  });

  for (const [what, line] of [
    ['an instruction', 'SHELL ["/bin/bash", "-c"]'],
    ['a flag of COPY', 'COPY --chmod=777 src/ src/'],
    ['a flag of RUN', 'RUN --mount=type=secret,id=token true'],
    ['a start by a shell', 'CMD node dist/main.js'],
    ['a user by name', 'USER node'],
  ]) {
    it(`is not tested past ${what} that the test does not know`, () => {
      expect(() => lastStage(`${dockerfile}\n${line}\n`)).to.throw(/this test does not know/);
    });
  }
});

const obstacle = whyNoSandbox();
if (obstacle !== undefined) {
  console.log(`\nSKIPPED: the image of the Dockerfile, carried out without an engine: ${obstacle}`);
}

describe('the image', function () {
  this.timeout(600_000);
  const image = lastStage();
  let folder: string;
  let root: string;
  /** A volume as an engine makes it: with the owner and the mode of the folder in the image. */
  let volume: string;
  const running = new Set<ChildProcess>();

  before(async function () {
    if (obstacle !== undefined) this.skip();
    folder = mkdtempSync(join(tmpdir(), 'deployment-queue-image-'));
    chmodSync(folder, 0o755);
    root = (await build(readStages(dockerfile), folder)).get(image.name) ?? '';
    volume = join(folder, 'volume');
    mkdirSync(volume);
    const { uid, gid, mode } = statSync(join(root, '/data'));
    chownSync(volume, uid, gid);
    chmodSync(volume, mode);
  });

  after(async () => {
    await Promise.all(
      [...running].map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = once(child, 'close');
        await signalInside(child, 'SIGKILL');
        await ended;
      }),
    );
    if (obstacle === undefined) rmSync(folder, { recursive: true });
  });

  /** Starts the image as `docker run --read-only` does, on free ports of this machine's loopback. */
  async function start(settings: Record<string, string> = {}, user = image.user) {
    const ports = { API_PORT: '0', MANAGEMENT_PORT: '0', HOST: '127.0.0.1' };
    const environment = { ...image.environment, AUTH_ENABLED: 'false', ...ports, ...settings };
    const sandbox = {
      root,
      state: { ...image, environment, user },
      readOnly: true,
      mounts: { '/data': volume },
    };
    const child = runInside(sandbox, image.command);
    running.add(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    for (;;) {
      const line = logLines(output.slice(0, output.lastIndexOf('\n') + 1)).find(
        ({ msg }) => msg === 'listening',
      );
      if (line !== undefined) {
        const [api, management] = [String(line['api']), String(line['management'])];
        return { child, sandbox, api, management, output: () => output };
      }
      if (child.exitCode !== null) throw new Error(`It did not start: ${output}`);
      await sleep(10);
    }
  }

  it('holds the program and what it needs in production, and nothing else', () => {
    const inside = (path: string) => existsSync(join(root, 'app', path));
    expect(
      Object.keys(manifest.dependencies).filter((name) => !inside(`node_modules/${name}`)),
    ).to.deep.equal([]);
    expect(
      ['typescript', 'mocha', 'eslint', 'tsx'].filter((name) => inside(`node_modules/${name}`)),
    ).to.deep.equal([]);
    for (const path of ['src', 'test', '.env', 'package-lock.json', 'tsconfig.json']) {
      expect(inside(path), path).to.equal(false);
    }
    expect(inside('dist/sbom.cdx.json')).to.equal(true);
  });

  it('becomes Node, which opens no inspector from its first moment on where it can be told so', () => {
    const flag = '--disable-sigusr1';
    const known = spawnSync(process.execPath, [flag, '--version']).status === 0;
    const start = readFileSync(join(root, 'app', 'start'), 'utf8');
    const [shell, ...lines] = start.trimEnd().split('\n');
    expect(shell).to.equal('#!/bin/sh');
    expect(lines.map((line) => line.split(/ +/))).to.deep.equal([
      ['exec', 'node', ...(known ? [flag] : []), 'dist/main.js'],
    ]);
  });

  it('opens none when it runs, and goes on', async () => {
    const { child, management, output } = await start({ SQLITE_PATH: '/data/signalled.db' });
    await signalInside(child, 'SIGUSR1');
    expect((await fetch(`${management}/health`)).status).to.equal(200);
    const ended = once(child, 'close');
    await signalInside(child, 'SIGTERM');
    expect(await ended).to.deep.equal([0, null]);
    expect(output()).not.to.match(/debugger|inspector/i);
    rmSync(join(volume, 'signalled.db'));
  });

  it('lets the user of the service write to the volume alone', async () => {
    const state = { ...image };
    const sandbox = { root, state, readOnly: false, mounts: { '/data': volume } };
    const search = 'find / -xdev -path /proc -prune -o -writable -not -type l -print';
    const { output } = await finishInside(sandbox, ['/bin/sh', '-c', search]);
    const found = output.split('\n').filter((line) => line.startsWith('/'));
    expect(found).to.deep.equal(['/data']);
    const { code } = await finishInside(sandbox, ['/bin/sh', '-c', 'touch /data/x && rm /data/x']);
    expect(code).to.equal(0);
  });

  it('serves from a read-only root, is healthy, keeps its data and stops by SIGTERM', async () => {
    const first = await start();
    const created = await fetch(`${first.api}/v1/deployments`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(deploymentBody()),
    });
    expect(created.status).to.equal(201);
    const deployment: unknown = await created.json();

    const { port } = new URL(first.management);
    const environment = { ...image.environment, MANAGEMENT_PORT: port };
    const check = { ...first.sandbox, state: { ...image, environment } };
    expect(await finishInside(check, image.healthcheck)).to.deep.equal({ code: 0, output: '' });

    const ended = once(first.child, 'close');
    await signalInside(first.child, image.stopSignal as NodeJS.Signals);
    expect(await ended).to.deep.equal([0, null]);
    expect(first.output()).to.include('"msg":"stopped"');
    expect((await finishInside(check, image.healthcheck)).code).to.equal(1);

    const second = await start();
    const kept = await fetch(`${second.api}/v1/deployments`);
    expect(await kept.json()).to.deep.equal([deployment]);
  });

  it('serves as a user that a platform chooses, in group 0', async () => {
    const { child, api } = await start({ SQLITE_PATH: '/data/chosen.db' }, '1000680000:0');
    const created = await fetch(`${api}/v1/deployments`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(deploymentBody()),
    });
    expect(created.status).to.equal(201);
    const ended = once(child, 'close');
    await signalInside(child, 'SIGTERM');
    expect(await ended).to.deep.equal([0, null]);
  });

  it('serves the contract and its documentation whole', async () => {
    const { api } = await start({ SQLITE_PATH: '/data/docs.db' });
    for (const path of ['/openapi.yaml', '/openapi.json']) {
      expect((await fetch(api + path)).status, path).to.equal(200);
    }
    const page = await fetch(`${api}/docs`);
    const links = (await page.text()).matchAll(/(?:src|href)="([^"#]+)"/g);
    const addresses = [...links].map(([, link = '']) => new URL(link, page.url).href);
    expect(addresses).to.have.length.greaterThan(2);
    for (const address of addresses) {
      expect((await fetch(address)).status, address).to.equal(200);
    }
  });

  it('has authentication on unless it is told otherwise', async () => {
    const { api } = await start({
      AUTH_ENABLED: '',
      ALLOWED_ORGANISATIONS: 'acme',
      SQLITE_PATH: '/data/other.db',
    });
    expect((await fetch(`${api}/v1/deployments`)).status).to.equal(401);
  });
});
