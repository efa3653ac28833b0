import { expect } from 'chai';
import { rowsOf } from '../support/command-line.js';
import { clockAt, runGatedCommands } from '../support/gated-commands.js';

describe('deployment-queue', () => {
  const { run, at, json, freeze } = runGatedCommands();

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
});
