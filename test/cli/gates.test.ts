import { expect } from 'chai';
import { commandLine, environmentOf, rowsOf } from '../support/command-line.js';
import { clockAt, runGatedCommands } from '../support/gated-commands.js';
import { until } from '../support/until.js';

describe('deployment-queue', () => {
  const { running, run, at, json, lock, freeze } = runGatedCommands();

  describe('what starts a deployment, before a gate that is closed,', () => {
    it('ends with 5 and says what to do; --override starts it with a reason', async () => {
      await lock('--for=1h');
      const { id } = await running.tenant.create();
      for (const command of [
        ['release', id],
        ['update-status', id, 'in_progress'],
      ]) {
        const { code, stderr } = await run(...command);
        expect(code).to.equal(5);
        expect(stderr).to.match(
          /a lock is closed until \S+Z \(The database is failing over\).*; run and claim wait until they open, --override REASON starts it all the same\n$/,
        );
      }
      const job = { ...environmentOf(running), GITHUB_ACTIONS: 'true' };
      const inAJob = await commandLine(job, 'release', id);
      expect(inAJob.stderr).to.match(
        /^::error title=Deployment Queue::.*a lock is closed.*--override/,
      );
      const started = await run('release', id, '--override=The fix for the failover');
      expect(started.code, started.stderr).to.equal(0);
      expect(started.stdout).to.match(/^status +in_progress$/m);
      const [, event] = rowsOf((await run('events', id)).stdout);
      expect(event).to.include({ CAUSE: 'override', REASON: 'The fix for the failover' });
      expect(event?.['GATES']).to.match(/^a lock is closed until \S+Z \(The database/);

      const other = await running.tenant.create({ version: '2', cell: 'a' });
      const updated = await run('update-status', other.id, 'in_progress', '--override=Fix');
      expect(updated.code, updated.stderr).to.equal(0);
      expect((await run('release', other.id, '--override= ')).code).to.equal(2);
    });

    it('waits until it opens, and tells once what for', async () => {
      const { id: gate } = await lock('--for=1h');
      const { id } = await running.tenant.create();
      const waiting = run('claim', id);
      await until('it waits', async () => (await json('queue', id)).position === 1);
      const { stdout } = await run('queue', id);
      expect(stdout).to.match(
        /^Waits for:\n {2}a lock is closed until \S+Z \(The database is failing over\)$/m,
      );
      await run('unlock', gate);
      const { code, stderr } = await waiting;
      expect(code).to.equal(0);
      expect(stderr).to.match(
        /^checkout 1\.0\.0 waits at place 1; a lock is closed until \S+Z \(The database is failing over\)\n$/,
      );
    });

    it('shows at a terminal what the clocks show when it opens', async () => {
      const { expires_at: end } = await lock('--expires-at=2030-01-05T09:30:00Z');
      const { id } = await running.tenant.create();
      const local = new Date(end);
      const two = (part: number) => String(part).padStart(2, '0');
      const shown = `${local.getFullYear()}-01-${two(local.getDate())} ${two(local.getHours())}:${two(local.getMinutes())}`;
      const { stderr } = await at(200, 'claim', id, '--wait=0');
      expect(stderr).to.include(`a lock is closed until ${shown} (The database`);
    });

    it('is started by claim and by run with --override', async () => {
      await freeze();
      const { id } = await running.tenant.create();
      expect((await run('claim', id, '--wait=0')).code).to.equal(9);
      for (const wait of [['--wait=0'], []]) {
        const { id: one } = await running.tenant.create({ cell: `c${wait.length}` });
        const { code, stderr } = await run('claim', one, ...wait, '--override=Fix');
        expect(code, stderr).to.equal(0);
      }
      const ran = await run('run', '--id', id, '--override=Fix', '--', 'true');
      expect(ran.code, ran.stderr).to.equal(0);
      expect(ran.stderr).to.match(/is deployed\n$/);
    });
  });

  describe('status', () => {
    it('shows at a glance what is closed and what waits to be approved', async () => {
      expect((await run('status')).stdout).to.match(/^In progress: 0\n/);
      await run('environments', 'set', 'production', '--required-approvals=1');
      const { id } = await running.tenant.create();
      const closed = [await lock('--for=1h'), await freeze()];
      await freeze(`--starts=${clockAt(1)}`);
      await json('lock', '--environment=staging', '--reason=Load test');
      const { stdout } = await run('status', '--environment=production');
      const [gates = '', approvals = '', ...others] = stdout.split('\n\n');
      expect(gates).to.match(/^Closed: 2\n/);
      expect(rowsOf(gates.replace(/^.*\n/, '')).map(({ ID, GATE }) => [ID, GATE])).to.deep.equal([
        [closed[0].id, 'lock'],
        [closed[1].id, 'freeze'],
      ]);
      expect(approvals)
        .to.match(/^To be approved: 1\n/)
        .and.include(id)
        .and.include('0 of 1');
      expect(others.map((part) => part.split('\n')[0])).to.deep.equal([
        'In progress: 0',
        'Waiting: 1',
        'Failed: 0',
      ]);
      const all = await json('status');
      expect(all.locks).to.have.length(2);
      expect(all.freezes).to.have.length(1);
      expect(all.approvals).to.have.length(1);
      const narrow = (await at(80, 'status')).stdout.split('\n');
      expect(Math.max(...narrow.map(({ length }) => length))).to.be.at.most(80);
    });
  });
});
