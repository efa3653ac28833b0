import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { expect } from 'chai';
import { createLogger } from '../../src/platform/logging.js';
import { unobserved } from '../../src/store/observer.js';
import { openStore } from '../../src/store/open.js';
import { backUp } from '../../src/store/sqlite/backup.js';
import { restore } from '../../src/store/sqlite/restore.js';
import { openSqliteStore } from '../../src/store/sqlite/store.js';
import { letGo } from '../support/let-go.js';
import { StoreUser } from './harness.js';

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

/**
 * Looks again and again for files that others than their owner can get at, and adds their paths to what it
 * tells when it is asked to end.
 */
const watching = `
const { parentPort, workerData } = require('node:worker_threads');
const { readdirSync, statSync } = require('node:fs');
const seen = new Set();
let looks = 0;
function look(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = folder + '/' + entry.name;
    try {
      const mode = statSync(path).mode;
      if (entry.isDirectory()) { if (mode & 0o011) look(path); }
      else if (mode & 0o077) seen.add(path);
    } catch {}
  }
  looks += 1;
}
let ended = false;
parentPort.on('message', () => { ended = true; });
parentPort.postMessage('watching');
(function again() {
  for (let n = 0; n < 50; n += 1) look(workerData);
  if (ended) { parentPort.postMessage({ seen: [...seen], looks }); parentPort.close(); }
  else setImmediate(again);
})();
`;

describe('the permissions of what SQLite keeps', () => {
  let folder: string;
  let path: string;
  let umask: number;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'deployment-queue-'));
    path = join(folder, 'deployments.db');
    // The most careless there is.
    umask = process.umask(0);
  });
  afterEach(() => {
    process.umask(umask);
    rmSync(folder, { recursive: true });
  });

  /** What others could get at while something was done. */
  async function exposedDuring(work: () => unknown): Promise<string[]> {
    const worker = new Worker(watching, { eval: true, workerData: folder });
    await once(worker, 'message');
    await work();
    worker.postMessage('end');
    const [{ seen, looks }] = (await once(worker, 'message')) as [
      { seen: string[]; looks: number },
    ];
    await once(worker, 'exit');
    expect(looks).to.be.greaterThan(10);
    return seen;
  }

  /** Keeps so much that a copy takes a while. */
  async function fill(): Promise<void> {
    const store = await openSqliteStore(path);
    const acme = new StoreUser(store, 'acme');
    const notes = 'x'.repeat(4_000);
    await Promise.all(Array.from({ length: 5_000 }, () => acme.create({ notes })));
    await store.close();
    await letGo();
  }

  it('let nobody but their owner in: the file, what stands beside it, and a new folder', async () => {
    path = join(folder, 'new', 'folder', 'deployments.db');
    const store = await openSqliteStore(path);
    try {
      const exposed = await exposedDuring(() => new StoreUser(store, 'acme').create());
      expect(exposed).to.deep.equal([]);
      const names = readdirSync(join(folder, 'new/folder'));
      expect(names).to.have.members(['deployments.db', 'deployments.db-wal', 'deployments.db-shm']);
      for (const name of names)
        expect(modeOf(join(folder, 'new/folder', name)), name).to.equal('600');
    } finally {
      await store.close();
    }
    for (const made of ['new', 'new/folder']) expect(modeOf(join(folder, made))).to.equal('700');
  });

  it('leave a folder as it is that was there before', async () => {
    chmodSync(folder, 0o755);
    await (await openSqliteStore(path)).close();
    expect(modeOf(folder)).to.equal('755');
  });

  it('let nobody else into a backup, from its first byte on', async () => {
    await fill();
    const backup = join(folder, 'backup.db');
    expect(await exposedDuring(() => backUp(path, backup))).to.deep.equal([]);
    expect(modeOf(backup)).to.equal('600');
  });

  it('let nobody else into what is restored, though all could read the backup', async () => {
    await fill();
    const closed = join(folder, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const backup = join(closed, 'backup.db');
    backUp(path, backup);
    chmodSync(backup, 0o644);
    const target = join(folder, 'restored', 'deployments.db');
    expect(await exposedDuring(() => restore(backup, target))).to.deep.equal([]);
    expect(modeOf(target)).to.equal('600');
    expect(modeOf(join(folder, 'restored'))).to.equal('700');
    expect(readdirSync(join(folder, 'restored'))).to.deep.equal(['deployments.db']);
  });

  it('let nobody else into what is restored in the place of a file that all could read', async () => {
    await (await openSqliteStore(path)).close();
    await letGo();
    const backup = join(folder, 'backup.db');
    backUp(path, backup);
    chmodSync(path, 0o644);
    restore(backup, path);
    expect(modeOf(path)).to.equal('600');
  });

  describe('that were wider before', () => {
    async function warnings(): Promise<Record<string, unknown>[]> {
      const lines: string[] = [];
      const logger = createLogger('warn', { write: (line) => void lines.push(line) });
      const store = await openStore({ kind: 'sqlite', path }, logger, unobserved);
      await store.close();
      await letGo();
      return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    }

    it('are warned about at the start, with how to mend them, and are left', async () => {
      await (await openSqliteStore(path)).close();
      await letGo();
      chmodSync(path, 0o640);
      const [warning, ...more] = await warnings();
      expect(more).to.be.empty;
      expect(warning).to.include({ level: 40 });
      expect(warning?.['exposed']).to.deep.include({ file: path, mode: '0640' });
      expect(warning?.['msg']).to.match(/others.*chmod 600/);
      expect(modeOf(path)).to.equal('640');
      for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o600);
      expect(await warnings()).to.be.empty;
    });

    it('are not warned about when the service made them', async () => {
      expect(await warnings()).to.be.empty;
    });
  });
});
