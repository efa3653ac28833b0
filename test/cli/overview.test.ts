import { expect } from 'chai';
import { commandLine, environmentOf } from '../support/command-line.js';
import { runService } from '../support/http.js';

describe('deployment-queue', () => {
  const running = runService();
  const run = (...argv: string[]) => commandLine(environmentOf(running), ...argv);
  /** The cells of a table, by column. */
  const cells = (stdout: string) =>
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/));

  describe('current', () => {
    it('shows which version runs, since when and by whom, what is under way, what waits, what was before', async () => {
      const { tenant } = running;
      const good = await tenant.create({ version: '1', region: 'r' }, 'deployed');
      const rollout = await tenant.create({ version: '2', region: 'r' }, 'in_progress');
      for (const version of ['3', '4']) await tenant.create({ version, region: 'r' });
      await tenant.create({ version: '9', environment: 'staging', provider: 'aws' });
      const { code, stdout, stderr } = await run('current');
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      const [headings = [], first = [], second = []] = cells(stdout);
      const row = (line: readonly string[]) =>
        Object.fromEntries(headings.map((name, nth) => [name, line[nth]]));
      expect(row(first)).to.deep.equal({
        NAME: 'checkout',
        ENVIRONMENT: 'production',
        REGION: 'r',
        VERSION: '2',
        STATUS: 'in_progress',
        SINCE: rollout.started_at,
        'IN PROGRESS': '2',
        WAITING: '2',
        NEXT: '4',
        ...(rollout.created_by_actor !== null && { BY: rollout.created_by_actor }),
        BEFORE: good.version,
        PROVIDER: 'gcp',
      });
      expect(row(second)).to.include({ ENVIRONMENT: 'staging', VERSION: '-', WAITING: '1' });
    });

    it('keeps to a place, and says so when there is nothing', async () => {
      await running.tenant.create({ environment: 'staging' });
      await running.tenant.create({ name: 'basket' });
      const found = await run('current', '--environment=staging', '--json');
      expect(JSON.parse(found.stdout)).to.have.length(1);
      expect(await run('current', '--name=none')).to.include({
        code: 0,
        stdout: '',
        stderr: 'Nothing runs or waits there.\n',
      });
      expect(await run('current', '--version=1')).to.include({ code: 2 });
    });

    it('shows as many as are wanted, over all pages, and says that there are more', async () => {
      for (let nth = 0; nth < 5; nth += 1) await running.tenant.create({ name: `c${nth}` });
      const some = await run('current', '--limit=2', '--json');
      expect(JSON.parse(some.stdout)).to.have.length(2);
      expect(some.stderr).to.match(/^There are more than these 2: --limit .*--all/);
      const all = await run('current', '--all', '--json');
      expect(JSON.parse(all.stdout)).to.have.length(5);
      expect(all.stderr).to.equal('');
    });

    it('shows that a hundred or more wait', async () => {
      for (let nth = 0; nth < 101; nth += 1) await running.tenant.create({ version: `${nth}` });
      expect((await run('current')).stdout).to.include('100+');
    });
  });

  describe('diff', () => {
    it('shows what runs in each environment, and how they compare', async () => {
      const { tenant } = running;
      const staging = { environment: 'staging' };
      await tenant.create({ ...staging, version: '1' }, 'deployed');
      const next = await tenant.create({ ...staging, version: '2' }, 'failed');
      const ahead = await tenant.create({ ...staging, version: '3' }, 'in_progress');
      const old = await tenant.create({ version: '1' }, 'deployed');
      await tenant.create({ name: 'new', ...staging, version: '1' }, 'deployed');
      expect(next.status).to.equal('failed');
      const { code, stdout, stderr } = await run('diff', 'Staging', 'production');
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      const [headings, first, second] = cells(stdout);
      expect(headings).to.deep.equal([
        'NAME',
        'STATE',
        'FROM VERSION',
        'FROM SINCE',
        'TO VERSION',
        'TO SINCE',
      ]);
      expect(first).to.deep.equal([
        'checkout',
        'behind',
        '3 (in_progress)',
        ahead.started_at,
        '1',
        old.deployed_at,
      ]);
      expect(second?.slice(0, 3)).to.deep.equal(['new', 'only_in_from', '1']);
    });

    it('prints what the API answers, of one cloud', async () => {
      await running.tenant.create({ environment: 'staging', provider: 'aws' }, 'deployed');
      const { stdout } = await run('diff', 'staging', 'production', '--provider=aws', '--json');
      expect(JSON.parse(stdout)[0]).to.include({ name: 'checkout', state: 'only_in_from' });
      const none = await run('diff', 'staging', 'production', '--provider=gcp');
      expect(none).to.include({ code: 0, stdout: '', stderr: 'Nothing runs in either.\n' });
    });

    it('wants two environments that differ', async () => {
      expect(await run('diff', 'staging')).to.include({ code: 2 });
      const same = await run('diff', 'staging', 'STAGING');
      expect(same.code).to.equal(3);
      expect(same.stderr).to.include('must be another environment than from');
    });
  });
});
