import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { openDatabase } from '../../src/store/sqlite/database.js';
import { deploymentBody } from '../support/deployments.js';
import { Processes } from '../support/process.js';
import type { ServiceProcess } from '../support/process.js';
import { buildOnce } from './support/build.js';
import { environment } from './support/environment.js';
import { mountSmall, unmount } from './support/mount.js';
import { StoredState } from './support/stored-state.js';

/** What a caller sees of a registration: the status, and whether it is told to come again. */
async function register({ apiUrl }: ServiceProcess, version: string): Promise<string> {
  const response = await fetch(`${apiUrl}/v1/deployments`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': version },
    body: JSON.stringify(deploymentBody({ version, pipeline_extra_params: 'x'.repeat(16_384) })),
  });
  const again = response.headers.get('retry-after');
  return `${response.status}${again === null ? '' : ' Retry-After'}`;
}

async function versions({ apiUrl }: ServiceProcess): Promise<string[]> {
  const response = await fetch(`${apiUrl}/v1/deployments?limit=1000`);
  expect(response.status).to.equal(200);
  return ((await response.json()) as { version: string }[]).map(({ version }) => version);
}

describe('a full disk', () => {
  before(buildOnce);
  let processes: Processes;
  let folder: string;
  let mounted: boolean;

  before(async () => {
    processes = await Processes.create();
    folder = join(processes.folder, 'small');
    await mkdir(folder);
    mounted = mountSmall(folder, 2 ** 20);
  });
  after(async () => {
    unmount(folder);
    await processes.dispose();
  });

  it('answers 503 to writes and goes on with reads, and takes writes again once there is room', async function () {
    if (!mounted) {
      console.log('      SKIPPED: mounting a small file system is not permitted here');
      this.skip();
    }
    const SQLITE_PATH = join(folder, 'deployments.db');
    const ballast = join(folder, 'ballast');
    await writeFile(ballast, Buffer.alloc(300_000));
    const service = await processes.start({ ...environment, SQLITE_PATH }, 'dist/main.js');

    const registered: string[] = [];
    let seen = '201';
    for (let count = 0; seen === '201' && count < 200; count += 1) {
      seen = await register(service, `v${count}`);
      if (seen === '201') registered.unshift(`v${count}`);
    }
    expect(seen).to.equal('503 Retry-After');
    expect(registered).to.have.length.above(3);
    for (let count = 0; count < 20; count += 1) {
      expect(await register(service, 'full')).to.equal('503 Retry-After');
      expect(await versions(service)).to.deep.equal(registered);
    }
    expect((await fetch(`${service.managementUrl}/ready`)).status).to.equal(200);

    await rm(ballast);
    expect(await register(service, 'full')).to.equal('201');
    registered.unshift('full');
    expect(await versions(service)).to.deep.equal(registered);

    // Full once more, and ended in every way: nothing of it needs room.
    await writeFile(ballast, Buffer.alloc(2 ** 20)).catch(() => undefined);
    service.signal('SIGTERM');
    const { code, stderr } = await service.ended;
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    await rm(ballast);
    const next = await processes.start({ ...environment, SQLITE_PATH }, 'dist/main.js');
    expect(await versions(next)).to.deep.equal(registered);
    expect(new StoredState(SQLITE_PATH).faults()).to.deep.equal([]);
    next.signal('SIGKILL');
    await next.ended;
  });

  it('ends a transaction whole, as SQLite tells it, wherever mounting is permitted or not', async () => {
    const path = join(processes.folder, 'limited.db');
    const database = openDatabase(path);
    database.exec('CREATE TABLE numbers (n INTEGER PRIMARY KEY, filling TEXT) STRICT');
    database.exec('PRAGMA max_page_count = 20');
    const insert = database.prepare('INSERT INTO numbers (filling) VALUES (?)');
    const count = (): unknown => database.prepare('SELECT count(*) AS count FROM numbers').get();
    let committed = 0;
    const fill = async (): Promise<void> => {
      for (; committed < 1_000; committed += 1) {
        await database.transaction(() => insert.run('x'.repeat(1_000)));
      }
    };
    const error = await fill().catch((thrown: unknown) => thrown);
    expect(error).to.have.property('code', 'unavailable');
    expect(count()).to.deep.equal({ count: committed });
    database.exec('PRAGMA max_page_count = 1000');
    await database.transaction(() => insert.run('x'));
    expect(count()).to.deep.equal({ count: committed + 1 });
    database.close();
  });
});
