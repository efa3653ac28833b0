import { expect } from 'chai';
import { environmentOf, rowsOf } from '../support/command-line.js';
import { runGatedCommands } from '../support/gated-commands.js';
import { Person } from '../support/person.js';

describe('deployment-queue', () => {
  const { running, run, at, json, lock, freeze } = runGatedCommands();

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
      const instant = new Date(Date.now() + 3_600_000).toISOString();
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
});
