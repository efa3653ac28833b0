import { expect } from 'chai';
import { commandLine, commandLineAt, environmentOf, rowsOf } from '../support/command-line.js';
import { runService } from '../support/http.js';
import { Person } from '../support/person.js';
import { until } from '../support/until.js';

const hour = 3_600_000;
const inAnHour = () => new Date(Date.now() + hour).toISOString();
/** What clocks in UTC show, so many hours from now. */
const clockAt = (hours: number) => new Date(Date.now() + hours * hour).toISOString().slice(0, 19);

describe('deployment-queue', () => {
  const running = runService();
  const run = (...argv: string[]) => commandLine(environmentOf(running), ...argv);
  const at = (columns: number, ...argv: string[]) =>
    commandLineAt(columns, { ...environmentOf(running), NO_COLOR: '1' }, ...argv);
  const json = async (...argv: string[]) => {
    const { code, stdout, stderr } = await run(...argv, '--json');
    expect(code, stderr).to.equal(0);
    return JSON.parse(stdout);
  };
  const lock = (...argv: string[]) =>
    json('lock', '--environment=production', '--reason=The database is failing over', ...argv);
  const freeze = (...argv: string[]) =>
    json(
      ...['freeze', '--environment=production', '--reason=Holidays', '--time-zone=UTC'],
      ...[`--starts=${clockAt(-1)}`, `--ends=${clockAt(2)}`],
      ...argv,
    );

  describe('lock', () => {
    it('places a lock, says how it is released, and locks shows it', async () => {
      const placed = await run('lock', '--environment=Production', '--reason=Failing over');
      expect(placed.code).to.equal(0);
      expect(placed.stdout)
        .to.match(/^scope +environment=production$/m)
        .and.match(/^reason +Failing over$/m)
        .and.match(/^allow +rollback$/m)
        .and.not.match(/^expires_at/m);
      const [{ id }] = await json('locks');
      expect(placed.stderr).to.equal(`deployment-queue unlock ${id} releases it.\n`);
      const { stdout } = await run('locks');
      expect(rowsOf(stdout)).to.have.length(1);
      expect(rowsOf(stdout)[0]).to.include({
        ID: id,
        WHERE: 'environment=production',
        UNTIL: 'released',
        WHY: 'Failing over',
      });
    });

    it('opens by itself when it is told to', async () => {
      const { created_at: from, expires_at: to } = await lock('--for=90m');
      // The service reads its clock once the command has read its own.
      expect(Date.parse(to) - Date.parse(from))
        .to.be.at.most(90 * 60_000)
        .and.greaterThan(89 * 60_000);
      const instant = inAnHour();
      expect(await lock(`--expires-at=${instant}`)).to.include({ expires_at: instant });
      expect(rowsOf((await run('locks')).stdout)[1]).to.include({ UNTIL: instant });
    });

    it('names parts, patterns, what has no such part, and everything', async () => {
      const some = await json(
        ...['lock', '--name=billing-*', '--provider=gcp', '--no-cell', '--reason=x'],
      );
      expect(some.scope).to.deep.equal({ name: 'billing-*', provider: 'gcp', cell: null });
      const all = await json('lock', '--everywhere', '--no-rollbacks', '--reason=x');
      expect(all).to.deep.include({ scope: {}, allow: [] });
      const rows = rowsOf((await run('locks')).stdout);
      expect(rows.map((row) => [row['WHERE'], row['ALSO STOPS']])).to.deep.equal([
        ['name=billing-*, provider=gcp, cell=none', '-'],
        ['everywhere', 'rollbacks'],
      ]);
    });

    it('is shown whole at 80 columns, whatever it says', async () => {
      await lock(
        ...['--name=customer-notification-preferences', '--region=europe-west1', '--for=2h'],
        ...['--no-cell', '--no-cloud-account-id', '--provider=gcp'],
      );
      const { stdout, stderr } = await at(80, 'locks');
      const lines = stdout.split('\n');
      expect(Math.max(...lines.map(({ length }) => length))).to.be.at.most(80);
      expect(lines[0]).to.match(/^ID +WHERE +AGE +UNTIL +WHY/);
      expect(lines.slice(1).join(' ').split(/\s+/))
        .to.include.members(['database', 'europe-west1,', 'gcp,', 'no', 'cell'])
        .and.to.satisfy((words: string[]) => words.some((word) => /^\d\d:\d\d$/.test(word)));
      expect(stderr).to.equal('');
    });

    for (const [argv, says] of [
      [['--reason=x'], /name the places by --name, .* or all of them by --everywhere/],
      [['--everywhere', '--name=a', '--reason=x'], /name the places by/],
      [['--everywhere'], /a reason is needed: --reason says why/],
      [['--everywhere', '--reason= '], /must not be blank/],
      [['--provider=ibm', '--reason=x'], /must be one of gcp, aws, azure/],
      [['--everywhere', '--reason=x', '--for=soon'], /duration such as 90s, 10m or 2h/],
      [['--everywhere', '--reason=x', '--expires-at=noon'], /must be an instant such as/],
      [
        ['--everywhere', '--reason=x', '--for=2h', '--expires-at=2030-01-05T09:30:00Z'],
        /cannot be used with/,
      ],
    ] as const) {
      it(`needs to be told where and why: ${argv.join(' ')}`, async () => {
        const { code, stderr } = await run('lock', ...argv);
        expect(code).to.equal(2);
        expect(stderr).to.match(says);
        expect(await json('locks')).to.deep.equal([]);
      });
    }

    it('is refused by the service with what was wrong', async () => {
      const late = await run(
        ...['lock', '--everywhere', '--reason=x', '--expires-at=2020-01-05T09:30:00Z'],
      );
      expect(late.code).to.equal(3);
      expect(late.stderr).to.include('must be in the future');
    });

    it('asks at a terminal why', async function () {
      const person = await Person.create();
      try {
        const has = await person.run({}, ['-c', 'script --version'], '', 'sh');
        if (!has.stdout.includes('util-linux')) {
          console.log('      SKIPPED: script of util-linux is not installed');
          this.skip();
        }
        const command = 'deployment-queue lock --name checkout';
        const environment = { ...environmentOf(running), TERM: 'xterm-256color' };
        const { code } = await person.run(
          environment,
          ['--quiet', '--return', '--command', command, '/dev/null'],
          { to: 'Why? ', text: 'Failing over\n' },
          'script',
        );
        expect(code).to.equal(0);
        expect(await json('locks')).to.have.length(1);
        expect((await json('locks'))[0]).to.include({ reason: 'Failing over' });
      } finally {
        await person.remove();
      }
    });
  });

  describe('unlock', () => {
    it('releases one, by a short id too, and no other; the history tells', async () => {
      const [first, second] = [await lock(), await lock('--name=checkout')];
      const released = await run('unlock', first.id.slice(-8), '--reason=The database is back');
      expect(released).to.deep.equal({
        code: 0,
        stdout: '',
        stderr: `The lock ${first.id} is released.\n`,
      });
      expect((await json('locks')).map(({ id }: { id: string }) => id)).to.deep.equal([second.id]);
      await freeze();
      const history = rowsOf((await run('locks', '--history')).stdout);
      expect(history.map(({ WHAT, ID, REASON }) => [WHAT, ID, REASON])).to.deep.equal([
        ['lock.created', first.id, 'The database is failing over'],
        ['lock.created', second.id, 'The database is failing over'],
        ['lock.released', first.id, 'The database is back'],
      ]);
      expect(await json('locks', '--history')).to.have.length(3);
    });

    it('ends with 4 when there is no such lock', async () => {
      const { id } = await lock();
      await run('unlock', id);
      for (const gone of [id, id.slice(-8)]) {
        const { code, stderr } = await run('unlock', gone);
        expect(code).to.equal(4);
        expect(stderr).to.match(/no lock has an id|No lock with id/);
      }
      expect((await run('unlock', 'checkout')).code).to.equal(2);
      expect(await run('locks')).to.deep.equal({
        code: 0,
        stdout: '',
        stderr: 'Nothing is locked.\n',
      });
    });
  });

  describe('freeze', () => {
    it('goes by the clocks of this machine, says which, and freezes shows what it is now', async () => {
      const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
      const created = await run(
        ...['freeze', '--environment=production', '--reason=Weekend'],
        ...['--starts=2026-01-09T18:00', '--ends=2026-01-12T06:00', '--rrule=FREQ=WEEKLY;BYDAY=FR'],
      );
      expect(created.stderr).to.equal(
        `It goes by the clocks of this machine, ${zone}; --time-zone names others.\n`,
      );
      expect(created.stdout)
        .to.match(/^starts +2026-01-09T18:00/m)
        .and.match(/^rrule +FREQ=WEEKLY;BYDAY=FR$/m);
      const closed = await freeze();
      const rows = rowsOf((await run('freezes')).stdout);
      expect(rows).to.have.length(2);
      expect(rows[0]).to.include({ WHERE: 'environment=production', WHY: 'Weekend' });
      expect(rows[1]).to.include({
        ...{ ID: closed.id, NOW: 'closed', WHY: 'Holidays' },
        ...{ UNTIL: closed.closed_until, RULE: `${closed.starts} to ${closed.ends}, UTC` },
      });
      const narrow = (await at(80, 'freezes')).stdout.split('\n');
      expect(Math.max(...narrow.map(({ length }) => length))).to.be.at.most(80);
      expect(narrow[0]).to.match(/^ID +NOW +UNTIL +WHERE +WHY/);
    });

    it('says until when it is open', async () => {
      const { next_closed_at: next } = await freeze(
        ...[`--starts=${clockAt(1)}`, '--no-rollbacks'],
      );
      expect(rowsOf((await run('freezes')).stdout)[0]).to.include({
        ...{ NOW: 'open', UNTIL: next, 'ALSO STOPS': 'rollbacks' },
      });
    });

    it('tells each time that it is closed in a span', async () => {
      const { id } = await freeze(
        ...['--starts=2030-01-04T18:00', '--ends=2030-01-07T06:00', '--rrule=FREQ=WEEKLY'],
      );
      const { stdout } = await run(
        ...['freezes', '--from=2030-01-01T00:00:00Z', '--to=2030-01-12T00:00:00Z'],
      );
      expect(
        rowsOf(stdout).map(({ CLOSES, OPENS, FREEZE }) => [CLOSES, OPENS, FREEZE]),
      ).to.deep.equal([
        ['2030-01-04T18:00:00.000Z', '2030-01-07T06:00:00.000Z', id],
        ['2030-01-11T18:00:00.000Z', '2030-01-14T06:00:00.000Z', id],
      ]);
      expect(await json('freezes', '--from=2030-01-01')).to.have.length(13);
      const none = await run('freezes', '--from=2029-01-01', '--to=2029-02-01');
      expect(none).to.deep.equal({ code: 0, stdout: '', stderr: 'Nothing is frozen then.\n' });
      for (const wrong of ['soon', '2030-02-30T00:00:00', '2030-13-01']) {
        expect((await run('freezes', `--from=${wrong}`)).stderr).to.match(/a day such as/);
      }
      expect((await run('freezes', '--to=2020-01-01')).code).to.equal(3);
    });

    it('is deleted, and its history stays', async () => {
      const { id } = await freeze();
      const deleted = await run('unfreeze', id.slice(-8), '--reason=All are back');
      expect(deleted).to.include({ code: 0, stderr: `The freeze ${id} is deleted.\n` });
      expect((await run('unfreeze', id)).code).to.equal(4);
      expect((await run('freezes')).stderr).to.equal('There are no freezes.\n');
      const history = rowsOf((await run('freezes', '--history')).stdout);
      expect(history.map(({ WHAT, REASON }) => [WHAT, REASON])).to.deep.equal([
        ['freeze.created', 'Holidays'],
        ['freeze.deleted', 'All are back'],
      ]);
      expect((await run('locks', '--history')).stderr).to.equal('There never was a lock.\n');
    });

    it('needs its ends, and a rule that is one', async () => {
      const why = ['--everywhere', '--reason=x'];
      const missing = await run('freeze', ...why, '--starts=2030-01-04T18:00');
      expect(missing.stderr).to.match(/required option '--ends <local-time>' not specified/);
      const wrong = await run('freeze', ...why, '--starts=tomorrow', '--ends=2030-01-04T18:00');
      expect(wrong).to.include({ code: 2 });
      expect(wrong.stderr).to.match(/must be a local time such as 2026-12-24T18:00/);
      const unsound = await run(
        ...['freeze', ...why, '--starts=2030-01-04T18:00', '--ends=2030-01-05T18:00'],
        '--rrule=FREQ=SOMETIMES',
      );
      expect(unsound.code).to.equal(3);
      expect(unsound.stderr).to.include('rrule');
    });
  });

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

  describe('rollback --lock', () => {
    it('locks the place with it, and says how it is opened', async () => {
      await running.tenant.create({ version: '1' }, 'in_progress', 'deployed');
      await running.tenant.create({ version: '2' }, 'in_progress', 'deployed');
      const place = ['--name=checkout', '--environment=production', '--provider=gcp'];
      const { code, stdout, stderr } = await run(
        ...['rollback', ...place, '--lock', '--reason=Wrong totals'],
      );
      expect(code, stderr).to.equal(0);
      const [, id = ''] = /^id +(\S+)$/m.exec(stdout) ?? [];
      expect(stderr).to.equal(`The place is locked: deployment-queue unlock ${id} releases it.\n`);
      const [found] = await json('locks');
      expect(found).to.include({ id, deployment_id: id });
      expect(found.reason).to.match(/: Wrong totals$/);
      const next = await running.tenant.create({ version: '3' });
      expect((await run('release', next.id)).code).to.equal(5);
      expect((await run('release', id)).code).to.equal(0);
      await run('unlock', id);
      expect(await json('locks')).to.deep.equal([]);
    });

    it('locks nothing unless it is told to', async () => {
      await running.tenant.create({ version: '1' }, 'in_progress', 'deployed');
      const { id } = await running.tenant.create({ version: '2' }, 'in_progress', 'deployed');
      expect((await run('rollback', id)).stderr).to.equal('');
      expect(await json('locks')).to.deep.equal([]);
    });
  });

  describe('approvals', () => {
    const required = (count: number) =>
      run('environments', 'set', 'production', `--required-approvals=${count}`);

    it('shows what lacks some, and no longer what has them or was rejected', async () => {
      expect((await run('approvals')).stderr).to.equal('Nothing waits to be approved.\n');
      const { stdout } = await required(1);
      expect(stdout).to.match(/^required_approvals +1$/m);
      expect(rowsOf((await run('environments', 'list')).stdout)[0]).to.include({ APPROVALS: '1' });
      const [first, second, third] = [
        await running.tenant.create({ version: '1' }),
        await running.tenant.create({ version: '2' }),
        await running.tenant.create({ version: '3' }),
      ];
      await running.tenant.create({ environment: 'staging' });
      const rows = rowsOf((await run('approvals')).stdout);
      expect(rows.map(({ ID, APPROVALS }) => [ID, APPROVALS])).to.deep.equal(
        [third, second, first].map(({ id }) => [id, '0 of 1']),
      );
      const approved = await run('approve', first.id.slice(-8), '--reason=Looked at it');
      expect(approved.code, approved.stderr).to.equal(0);
      expect(approved.stdout).to.match(/^approvals +.*\(Looked at it\)$/m);
      const rejected = await run('reject', second.id, '--reason=Not tried');
      expect(rejected.stdout).to.match(/^status +cancelled$/m);
      expect(rowsOf((await run('events', second.id)).stdout)[1]).to.include({
        ...{ CAUSE: 'rejection', REASON: 'Not tried' },
      });
      expect((await json('approvals')).map(({ id }: { id: string }) => id)).to.deep.equal([
        third.id,
      ]);
      expect(await json('approvals', '--environment=staging')).to.deep.equal([]);
      const some = await run('approvals', '--environment=Production', '--limit=1');
      expect(rowsOf(some.stdout)).to.have.length(1);
    });

    it('are said to be missing where a deployment waits for them, and where it is started', async () => {
      await required(2);
      const { id } = await running.tenant.create();
      await run('approve', id);
      const claimed = await run('claim', id, '--wait=0');
      expect(claimed.code).to.equal(9);
      expect(claimed.stderr).to.match(/^checkout 1\.0\.0 waits at place 1; 1 of 2 approvals\n/);
      const { code, stderr } = await run('release', id);
      expect(code).to.equal(5);
      expect(stderr).to.match(
        /1 of 2 approvals.*; somebody else approves it by approve, --override/,
      );
    });

    it('are refused for what has started', async () => {
      const { id } = await running.tenant.create({}, 'in_progress');
      for (const command of ['approve', 'reject']) {
        const { code, stderr } = await run(command, id);
        expect(code).to.equal(5);
        expect(stderr).to.match(/is in_progress and cannot be/);
      }
      expect((await run('approve', id.replace(/.$/, '0').replace(/^./, '1'))).code).to.equal(4);
      expect((await run('environments', 'set', 'a', '--required-approvals=11')).code).to.equal(2);
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
