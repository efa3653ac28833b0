import { expect } from 'chai';
import { commandLine, commandLineAt, environmentOf, rowsOf } from '../support/command-line.js';
import { runService } from '../support/http.js';
import { Person } from '../support/person.js';
import { until } from '../support/until.js';

describe('deployment-queue', () => {
  const running = runService();
  const run = (...argv: string[]) => commandLine(environmentOf(running), ...argv);
  const json = async (...argv: string[]) => JSON.parse((await run(...argv, '--json')).stdout);

  /** Two deployments of one thing, of which the first runs under a lease. */
  async function oneRuns() {
    const first = await running.tenant.create({ version: '1' });
    const second = await running.tenant.create({ version: '2' });
    const { lease } = await json('claim', first.id);
    return { first, second, token: String(lease.token) };
  }
  const finish = (id: string, token: string) =>
    running.service.api
      .patch(`/v1/deployments/${id}`)
      .set({ 'X-Organisation': running.tenant.organisation, 'Lease-Token': token })
      .send({ status: 'failed' })
      .expect(200);

  describe('claim', () => {
    it('starts a deployment, and prints its lease', async () => {
      const { id } = await running.tenant.create();
      const { code, stdout } = await run('claim', id.slice(-8), '--lease=2m');
      expect(code).to.equal(0);
      expect(stdout)
        .to.match(/^status +in_progress$/m)
        .and.match(/^token +\S{43}$/m)
        .and.match(/^fence +\d+$/m);
      const [, ends = ''] = /^expires_at +(\S+)$/m.exec(stdout) ?? [];
      const { started_at: started } = await running.tenant.get(id);
      expect(Date.parse(ends) - Date.parse(started ?? '')).to.equal(120_000);
    });

    it('waits for its turn, and tells once what for', async () => {
      const { first, second, token } = await oneRuns();
      const waiting = run('claim', second.id, '--json');
      await until('it waits', async () => (await json('queue', second.id)).position === 1);
      await finish(first.id, token);
      const { code, stdout, stderr } = await waiting;
      expect(code).to.equal(0);
      expect(JSON.parse(stdout)).to.have.keys('deployment', 'lease');
      expect(stderr).to.match(
        new RegExp(
          `^checkout 2 waits at place 1; checkout 1 \\(${first.id}\\) runs, until \\S+ unless its lease is renewed\\n$`,
        ),
      );
    });

    it('ends with 9 when it is not its turn in time, and leaves the queue; with 0 it keeps its place', async () => {
      const { second } = await oneRuns();
      const late = await run('claim', second.id, '--wait=100ms', '--json');
      expect(late.code).to.equal(9);
      expect(late.stderr)
        .to.match(/not the turn of deployment .* within 0\.1 s; .*queue says/)
        .and.not.contain('trying again');
      expect(JSON.parse(late.stdout).blocked_by[0]).to.include({ kind: 'running' });
      await until('it has left', async () => (await json('queue', second.id)).position === null);
      const once = await run('claim', second.id, '--wait=0');
      expect(once.code).to.equal(9);
      expect(once.stderr).to.match(/is not the turn of deployment \S+ yet/);
      expect(await json('queue', second.id)).to.include({ position: 1 });
    });

    it('ends with 5 when its turn will not come, and names what was deployed instead', async () => {
      const { id } = await running.tenant.create({ version: '1' });
      const newer = await running.tenant.create({ version: '2' }, 'deployed');
      const { code, stderr } = await run('claim', id);
      expect(code).to.equal(5);
      expect(stderr).to.include(newer.id);
    });

    it('shows at a terminal how far away instants are, in lines that fit', async () => {
      const { second } = await oneRuns();
      const at = await commandLineAt(60, environmentOf(running), 'claim', second.id, '--wait=0');
      const [line = ''] = at.stderr.split('\n');
      expect(line).to.match(/^checkout 2 waits at place 1; checkout 1 \([0-9a-f]{8}\) runs/);
      expect(line.length).to.be.at.most(60);
    });

    it('takes a lease of 10 seconds to an hour', async () => {
      const { id } = await running.tenant.create();
      for (const lease of ['5s', '2h']) {
        const { code, stderr } = await run('claim', id, `--lease=${lease}`);
        expect(code).to.equal(2);
        expect(stderr).to.include('It must be 10s to 3600s');
      }
    });
  });

  describe('queue', () => {
    it('says at which place, why, and who runs', async () => {
      const { first, second } = await oneRuns();
      const third = await running.tenant.create({ version: '3' });
      await run('claim', third.id, '--wait=0');
      await run('claim', second.id, '--wait=0');
      const { code, stdout, stderr } = await run('queue', second.id);
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      expect(stdout)
        .to.match(/^position +2$/m)
        .and.match(/^waiting_since +\S+Z$/m);
      const parts = stdout.split('\n\n').slice(1);
      expect(parts.map((part) => part.trim().split('\n')[0])).to.deep.equal([
        'Waits for:',
        'Runs now:',
      ]);
      const [, runs = '', ahead = ''] = (parts[0] ?? '').split('\n');
      expect(runs).to.match(/^ {2}checkout 1 \(.*\) runs, until \S+ unless its lease is renewed$/);
      expect(ahead).to.equal(`  checkout 3 (${third.id}) goes first`);
      expect(parts[1]).to.match(
        new RegExp(`^ {2}checkout 1 \\(${first.id}\\), since \\S+, under a lease until \\S+$`, 'm'),
      );
    });

    it('says what is cancelled, and keeps its place until its holder knows', async () => {
      const { first, second } = await oneRuns();
      await run('cancel', first.id, '--yes');
      await run('claim', second.id, '--wait=0');
      const { stdout } = await run('queue', second.id);
      expect(stdout)
        .to.match(/^ {2}checkout 1 \(\S+\) was cancelled, and keeps .*, until \S+ at the longest$/m)
        .and.match(/since \S+, was cancelled, and keeps .*, until \S+ at the longest$/m)
        .and.not.contain('renewed');
    });

    it('says that nobody waits for a deployment', async () => {
      const { id } = await running.tenant.create();
      const { stdout } = await run('queue', id);
      expect(stdout).to.match(/^position +nobody waits for it$/m);
      expect(stdout).not.to.include(':\n');
      expect(await json('queue', id)).to.include({ position: null });
    });

    it('says what is a buffer, and what runs without a lease', async () => {
      await run('environments', 'set', 'production', '--buffer-seconds=600');
      await running.tenant.create({ version: '1' }, 'deployed');
      const { id } = await running.tenant.create({ version: '2' });
      await run('claim', id, '--wait=0');
      expect((await run('queue', id)).stdout).to.match(
        /^ {2}the buffer after the last one, until \S+Z$/m,
      );
      await running.tenant.create({ version: '3' }, 'in_progress');
      const { stdout } = await commandLineAt(200, environmentOf(running), 'queue', id);
      expect(stdout)
        .to.match(
          /^ {2}checkout 3 \(.*\), for \d+s, without a lease, and counts for another \d+m$/m,
        )
        .and.match(/^ {2}the buffer after the last one, for another \d+m$/m);
    });
  });

  describe('cancel', () => {
    const reasonOf = async (id: string) => (await json('events', id)).at(-1).reason;

    it('shows what there is, and cancels it once it is told how many', async () => {
      const { id } = await running.tenant.create({ version: '1' });
      await running.tenant.create({ version: '2', environment: 'staging' });
      await running.tenant.create({ version: '3' }, 'failed');
      await running.tenant.create({ version: '4' });
      const which = ['--name=checkout', '--environment=Production'];
      const dry = await run('cancel', ...which, '--dry-run');
      expect(rowsOf(dry.stdout).map(({ VERSION }) => VERSION)).to.deep.equal(['4', '1']);
      expect((await running.tenant.get(id)).status).to.equal('scheduled');

      const unasked = await run('cancel', ...which);
      expect(unasked.code).to.equal(2);
      expect(unasked.stderr).to.match(/--yes cancels them without asking, and --expected-count/);
      const many = await run('cancel', ...which, '--expected-count=3');
      expect(many.code).to.equal(5);
      expect(many.stderr).to.match(/There are 2 deployments to cancel, not 3/);
      const done = await run('cancel', ...which, '--expected-count=2', '--reason=Broken');
      expect(done).to.include({ code: 0, stderr: '' });
      expect(rowsOf(done.stdout).map(({ STATUS }) => STATUS)).to.deep.equal([
        'cancelled',
        'cancelled',
      ]);
      expect(await reasonOf(id)).to.equal('Broken');
      const nothing = await run('cancel', ...which, '--yes');
      expect(nothing).to.deep.equal({
        code: 0,
        stdout: '',
        stderr: 'There is nothing to cancel.\n',
      });
    });

    it('cancels one by its id, also under a lease, and says why', async () => {
      const { first } = await oneRuns();
      const { code, stdout } = await run('cancel', first.id, '--yes', '--reason=Broken');
      expect(code).to.equal(0);
      expect(stdout).to.include('cancelled');
      expect(await reasonOf(first.id)).to.equal('Broken');
      const again = await run('cancel', first.id, '--yes');
      expect(again.code).to.equal(5);
      expect(again.stderr).to.match(/is cancelled, and cannot be cancelled/);
    });

    it('cancels the one that is named, though others look like it', async () => {
      const all = [];
      for (const cell of [null, 'a', null]) all.push(await running.tenant.create({ cell }));
      const [first] = all;
      const { code } = await run('cancel', first?.id ?? '', '--yes', '--reason=Broken');
      expect(code).to.equal(0);
      const statuses = await Promise.all(all.map(({ id }) => running.tenant.get(id)));
      expect(statuses.map(({ status }) => status)).to.deep.equal([
        'cancelled',
        'scheduled',
        'scheduled',
      ]);
      expect(statuses[0]?.notes).to.equal('Broken');
    });

    it('asks at a terminal, and takes yes for an answer', async function () {
      const person = await Person.create();
      try {
        const has = await person.run({}, ['-c', 'script --version'], '', 'sh');
        if (!has.stdout.includes('util-linux')) {
          console.log('      SKIPPED: script of util-linux is not installed');
          this.skip();
        }
        const { id } = await running.tenant.create();
        const asked = async (text: string) => {
          const argv = ['--quiet', '--return', '--command'];
          const command = `deployment-queue cancel ${id}`;
          const environment = { ...environmentOf(running), TERM: 'xterm-256color' };
          const answer = { to: 'Cancel it? (yes or no) ', text };
          return person.run(environment, [...argv, command, '/dev/null'], answer, 'script');
        };
        expect((await asked('no\n')).stdout).to.include('Nothing was cancelled.');
        expect((await running.tenant.get(id)).status).to.equal('scheduled');
        expect(await asked('yes\n')).to.include({ code: 0 });
        expect((await running.tenant.get(id)).status).to.equal('cancelled');
      } finally {
        await person.remove();
      }
    });

    it('needs to be told which', async () => {
      const { id } = await running.tenant.create();
      for (const [argv, says] of [
        [[], /name an id, or at least one of --name/],
        [[id, '--name=checkout'], /either an id, or/],
        [['--name=checkout', '--expected-count=0'], /whole number from 1/],
        [['--name=checkout', '--expected-count=1', '--yes'], /cannot be used with/],
      ] as const) {
        const { code, stderr } = await run('cancel', ...argv);
        expect(code).to.equal(2);
        expect(stderr).to.match(says);
      }
    });
  });

  describe('environments', () => {
    const environments = (...argv: string[]) => run('environments', ...argv);

    it('changes what is named, keeps the rest, and shows both', async () => {
      const first = await environments('set', 'Production', '--order=oldest', '--max-running=2');
      expect(first).to.include({ code: 0, stderr: '' });
      const second = await environments(
        ...['set', 'production', '--exclusive=place', '--max-hold-seconds=600'],
      );
      expect(second.stdout)
        .to.match(/^environment +production$/m)
        .and.match(/^order +oldest$/m)
        .and.match(/^exclusive +place$/m)
        .and.match(/^max_running +2$/m)
        .and.match(/^queue_ttl_seconds +never$/m);
      await environments('set', 'production', '--no-max-hold-seconds', '--lease-required=true');
      const shown = await environments('show', 'production');
      expect(shown.stdout)
        .to.match(/^max_hold_seconds +never$/m)
        .and.match(/^lease_required +true$/m)
        .and.match(/^order +oldest$/m)
        .and.match(/^etag +"3-/m);
    });

    it('lists those that somebody has set', async () => {
      expect(await environments('list')).to.deep.equal({
        code: 0,
        stdout: '',
        stderr: 'No environment has been set.\n',
      });
      await environments('set', 'staging', '--buffer-seconds=30');
      await environments('set', 'production', '--order=oldest');
      const { stdout } = await environments('list');
      expect(
        rowsOf(stdout).map(({ ENVIRONMENT, ORDER, BUFFER }) => [ENVIRONMENT, ORDER, BUFFER]),
      ).to.deep.equal([
        ['production', 'oldest', '0'],
        ['staging', 'newest', '30'],
      ]);
      expect(await json('environments', 'list')).to.have.length(2);
      const { settings } = { settings: await json('environments', 'show', 'elsewhere') };
      expect(settings).to.include({ order: 'newest', updated_at: null });
    });

    it('changes nothing that somebody else has changed meanwhile, and nothing that is not named', async () => {
      await environments('set', 'production', '--order=oldest');
      const stale = await environments(
        ...['set', 'production', '--order=newest', '--if-match="0-0"'],
      );
      expect(stale.code).to.equal(5);
      const nothing = await environments('set', 'production');
      expect(nothing.code).to.equal(2);
      expect(nothing.stderr).to.match(/nothing to change/);
      const wrong = await environments('set', 'production', '--order=random', '--max-running=0');
      expect(wrong.stderr).to.match(
        /--order must be one of newest, oldest; --max-running must be a whole number, 1 to 1000/,
      );
    });

    it('says in its help what stays as it is', async () => {
      const { stdout } = await environments('set', '--help');
      expect(stdout).to.include('--no-max-hold-seconds').and.not.include('unless set');
    });
  });
});
