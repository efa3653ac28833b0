import { chmod, link, mkdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { deploymentBody } from '../support/deployments.js';
import { damagePages } from '../support/damage.js';
import { logLines, Processes } from '../support/process.js';
import type { ServiceProcess } from '../support/process.js';
import { Random } from '../support/random.js';
import { until } from '../support/until.js';
import { buildOnce } from './support/build.js';
import { environment } from './support/environment.js';
import { mountSmall, tryTool, unmount } from './support/mount.js';
import { StoredState } from './support/stored-state.js';
import { WriteLoad } from './support/write-load.js';

describe('the database file', () => {
  before(buildOnce);
  let processes: Processes;
  beforeEach(async () => {
    processes = await Processes.create();
  });
  afterEach(() => processes.dispose());

  const start = (SQLITE_PATH = processes.database): Promise<ServiceProcess> =>
    processes.start({ ...environment, SQLITE_PATH }, 'dist/main.js');

  async function register({ apiUrl }: ServiceProcess, version: string): Promise<number> {
    const response = await fetch(`${apiUrl}/v1/deployments`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': version },
      body: JSON.stringify(deploymentBody({ version, pipeline_extra_params: 'x'.repeat(10_000) })),
    });
    return response.status;
  }

  async function list({ apiUrl }: ServiceProcess): Promise<number> {
    const response = await fetch(`${apiUrl}/v1/deployments?limit=1000`);
    await response.text();
    return response.status;
  }

  async function ready({ managementUrl }: ServiceProcess): Promise<number> {
    return (await fetch(`${managementUrl}/ready`)).status;
  }

  async function end(service: ServiceProcess, signal: NodeJS.Signals): Promise<number | null> {
    service.signal(signal);
    return (await service.ended).code;
  }

  /** Expects that the service does not start, and says why in one line. */
  async function expectNoStart(path: string, reason: RegExp): Promise<void> {
    const settings = { ...environment, SQLITE_PATH: path };
    const { code, stdout, stderr } = await processes.run(settings, 'dist/main.js').ended;
    expect({ code, stderr }).to.deep.equal({ code: 1, stderr: '' });
    const lines = logLines(stdout);
    expect(lines).to.have.length(1);
    expect(lines[0]?.['msg'])
      .to.match(reason)
      .and.include(`Cannot open the store ${path}`)
      .and.include('docs/OPERATIONS.md')
      .and.not.include('\n');
  }

  /** The last line of the log that says why the service is not ready. */
  async function whyNotReady(service: ServiceProcess): Promise<string> {
    await until('it is not ready', async () => (await ready(service)) === 503);
    for (;;) {
      const said = logLines(service.lines.join('\n')).filter(({ msg }) => msg === 'not ready');
      const last = said.at(-1)?.['reason'];
      if (typeof last === 'string') return last;
      await sleep(20);
    }
  }

  it('that is read-only keeps the service from starting, and it says so in one line', async function () {
    const folder = join(processes.folder, 'read-only');
    const path = join(folder, 'deployments.db');
    await mkdir(folder);
    const root = process.getuid?.() === 0;
    if (root && !mountSmall(folder, 2 ** 22)) {
      console.log('      SKIPPED: root writes everywhere, and mounting is not permitted here');
      this.skip();
    }
    try {
      const service = await start(path);
      expect(await register(service, 'before')).to.equal(201);
      expect(await end(service, 'SIGTERM')).to.equal(0);
      if (root) expect(tryTool('mount', '-o', 'remount,ro', folder)).to.equal(true);
      else await Promise.all([chmod(path, 0o444), chmod(folder, 0o555)]);
      await expectNoStart(path, /readonly|read-only|unable to open/);
      if (root) expect(tryTool('mount', '-o', 'remount,rw', folder)).to.equal(true);
      else await Promise.all([chmod(folder, 0o755), chmod(path, 0o644)]);
      const next = await start(path);
      expect(await register(next, 'after')).to.equal(201);
      expect(await end(next, 'SIGTERM')).to.equal(0);
      expect(new StoredState(path).deployments.size).to.equal(2);
    } finally {
      if (root) unmount(folder);
    }
  });

  it('that becomes read-only while it is served answers 503 to writes, and reads go on', async function () {
    const service = await start();
    expect(await register(service, 'before')).to.equal(201);
    const files = [processes.database, `${processes.database}-wal`];
    if (!tryTool('chattr', '+i', ...files)) {
      console.log('      SKIPPED: files cannot be made immutable here');
      this.skip();
    }
    try {
      for (let count = 0; count < 5; count += 1) {
        expect(await register(service, 'meanwhile')).to.equal(503);
        expect(await list(service)).to.equal(200);
      }
    } finally {
      tryTool('chattr', '-i', ...files);
    }
    expect(await register(service, 'meanwhile')).to.equal(201);
    expect(await end(service, 'SIGKILL')).to.equal(null);
    const next = await start();
    expect(await register(next, 'meanwhile')).to.equal(201);
    const state = new StoredState(processes.database);
    expect(state.deployments.size).to.equal(2);
    expect(state.faults()).to.deep.equal([]);
  });

  it('that is deleted under write load takes no more writes, and loses none when it is put back', async () => {
    const service = await processes.start(environment, 'dist/main.js');
    const load = new WriteLoad(new Random(6));
    let stopped = false;
    const running = load.run(service.apiUrl, 8, () => stopped);
    const { database } = processes;
    while (load.created.size < 50) await sleep(10);
    // The other names keep what has none any more.
    for (const suffix of ['', '-wal', '-shm'])
      await link(`${database}${suffix}`, `${database}.kept${suffix}`);
    for (const suffix of ['', '-wal', '-shm']) await unlink(`${database}${suffix}`);
    while ((load.statuses.get(503) ?? 0) < 50) await sleep(10);
    stopped = true;
    await running;

    const before = load.created.size;
    for (let count = 0; count < 20; count += 1)
      expect(await register(service, 'lost')).to.equal(503);
    expect(await list(service)).to.equal(200);
    expect(await whyNotReady(service)).to.include(`${database} was deleted while it was open`);

    for (const suffix of ['', '-wal', '-shm'])
      await rename(`${database}.kept${suffix}`, `${database}${suffix}`);
    await until('it is ready again', async () => (await ready(service)) === 200);
    expect(await register(service, 'found')).to.equal(201);
    expect(await end(service, 'SIGKILL')).to.equal(null);
    expect(await ready(await start())).to.equal(200);
    const state = new StoredState(database);
    expect([...state.faults(), ...state.losses(load)]).to.deep.equal([]);
    console.log(`      ${before} creations answered 201, ${load.statuses.get(503) ?? 0} calls 503`);
  });

  it('that is overwritten takes no more writes, is not served again, and is replaced by a backup', async () => {
    const { database } = processes;
    const backup = join(processes.folder, 'backup.db');
    const service = await start();
    for (let count = 0; count < 300; count += 1) {
      expect(await register(service, `v${count}`)).to.equal(201);
    }
    const made = await processes.run({}, 'dist/commands/db-backup.js', [backup]).ended;
    expect(made).to.include({ code: 0, stderr: '' });

    await damagePages(database, 20);
    let seen = 200;
    for (let count = 0; seen === 200 && count < 50; count += 1) {
      seen = await list(service);
      // So that pages are read again that were remembered.
      if (seen === 200) await register(service, `w${count}`);
    }
    expect(seen).to.equal(503);
    for (let count = 0; count < 10; count += 1) {
      expect(await register(service, 'damaged')).to.equal(503);
    }
    expect(await whyNotReady(service)).to.include(`${database} is damaged`);
    expect(await end(service, 'SIGKILL')).to.equal(null);

    await expectNoStart(database, /damaged|malformed/);
    const restored = await processes.run({}, 'dist/commands/db-restore.js', [backup]).ended;
    expect(restored).to.include({ code: 0, stderr: '' });
    expect(restored.stdout).to.include('holds the 300 deployments').and.include('.replaced-');
    const next = await start();
    expect(await register(next, 'after')).to.equal(201);
    expect(new StoredState(database).deployments.size).to.equal(301);
  });
});
