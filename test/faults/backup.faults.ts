import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Processes } from '../support/process.js';
import { letGo } from '../support/let-go.js';
import type { Ended } from '../support/process.js';
import { Random } from '../support/random.js';
import { buildOnce } from './support/build.js';
import { environment } from './support/environment.js';
import { StoredState } from './support/stored-state.js';
import { WriteLoad } from './support/write-load.js';

function expectDone({ code, stderr }: Ended): void {
  expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
}

describe('a backup under write load', () => {
  before(buildOnce);
  let processes: Processes;
  beforeEach(async () => {
    processes = await Processes.create();
  });
  afterEach(() => processes.dispose());

  it('holds every write that was answered before it began, and serves when it is put back', async () => {
    const service = await processes.start(environment, 'dist/main.js');
    const load = new WriteLoad(new Random(6));
    let stopped = false;
    const running = load.run(service.apiUrl, 6, () => stopped);
    const backups: string[] = [];
    let answered: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      while (load.created.size < answered.length + 50) await sleep(10);
      answered = [...load.created.values()].map(({ id }) => id);
      const file = join(processes.folder, `backup-${count}.db`);
      const made = await processes.run({}, 'dist/commands/db-backup.js', [file]).ended;
      expectDone(made);
      const state = new StoredState(file);
      expect(state.faults()).to.deep.equal([]);
      expect(made.stdout).to.include(`holds ${state.deployments.size} deployments`);
      expect(answered.filter((id) => !state.deployments.has(id))).to.deep.equal([]);
      backups.push(file);
    }

    const [first = '', , last = ''] = backups;
    const early = await processes.run({}, 'dist/commands/db-restore.js', [last]).ended;
    expect(early).to.include({ code: 1, stdout: '' });
    expect(early.stderr).to.match(/is in use; stop every service on it first/);
    stopped = true;
    await running;
    expect([...load.statuses.keys()].filter((status) => status >= 500)).to.deep.equal([]);
    expect(new StoredState(processes.database).losses(load)).to.deep.equal([]);

    service.signal('SIGTERM');
    expect((await service.ended).code).to.equal(0);
    // This process has looked into the file as well.
    await letGo();
    const late = await processes.run({}, 'dist/commands/db-restore.js', [last]).ended;
    expectDone(late);
    const next = await processes.start(environment, 'dist/main.js');
    for (const id of answered) {
      expect((await fetch(`${next.apiUrl}/v1/deployments/${id}`)).status).to.equal(200);
    }
    await new WriteLoad(new Random(7), 'after-').run(
      next.apiUrl,
      2,
      () => new StoredState(processes.database).deployments.size > answered.length + 100,
    );
    expect(new StoredState(processes.database).faults()).to.deep.equal([]);
    expect(new StoredState(first).faults()).to.deep.equal([]);
  });
});
