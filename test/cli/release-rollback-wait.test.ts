import { expect } from 'chai';
import { commandLine, environmentOf } from '../support/command-line.js';
import type { CommandResult } from '../support/command-line.js';
import { runService } from '../support/http.js';

const place = ['--name=checkout', '--environment=production', '--provider=gcp'];

describe('deployment-queue', () => {
  const running = runService();
  const run = (...argv: string[]) => commandLine(environmentOf(running), ...argv);
  const deploymentIn = ({ stdout }: CommandResult) => JSON.parse(stdout);

  describe('release', () => {
    it('by id lets a deployment begin, and may be repeated', async () => {
      const { id } = await running.tenant.create();
      expect(await run('release', id, '--deployment-uri=https://a')).to.include({ code: 0 });
      expect(await run('release', id)).to.include({ code: 0 });
      expect(await running.tenant.get(id)).to.include({
        status: 'in_progress',
        deployment_uri: 'https://a',
      });
    });

    it('by name and place takes the newest that waits there, and there only', async () => {
      await running.tenant.create({ version: '1' });
      const { id } = await running.tenant.create({ version: '2' });
      await running.tenant.create({ version: '3' }, 'skipped');
      await running.tenant.create({ version: '3.1' }, 'cancelled');
      await running.tenant.create({ version: '4', cell: 'cell-1' });
      await running.tenant.create({ version: '5', environment: 'test' });
      const result = await run('release', ...place, '--json');
      expect(result.code).to.equal(0);
      expect(deploymentIn(result)).to.include({ id, version: '2', status: 'in_progress' });
    });

    it('releases nothing older than what was released last, so that a repeat is harmless', async () => {
      const older = await running.tenant.create({ version: '1' });
      const newer = await running.tenant.create({ version: '2' });
      expect(await run('release', ...place)).to.include({ code: 0 });
      const { code, stderr } = await run('release', ...place);
      expect(code).to.equal(5);
      expect(stderr).to.equal(
        `deployment-queue: nothing waits to be released: the newest is 2 (${newer.id}), and it is in_progress\n`,
      );
      expect(await running.tenant.get(older.id)).to.include({ status: 'scheduled' });
    });

    it('does not go behind one that was cancelled after it had begun', async () => {
      await running.tenant.create({ version: '1' });
      await running.tenant.create({ version: '2' }, 'in_progress', 'cancelled');
      const { code, stderr } = await run('release', ...place);
      expect(code).to.equal(5);
      expect(stderr).to.match(/the newest is 2 \(.*\), and it is cancelled/);
    });

    it('takes an empty part of a place for one that is not there', async () => {
      const { id } = await running.tenant.create({ version: '1' });
      const result = await run('release', ...place, '--cell=', '--region= ', '--json');
      expect(deploymentIn(result)).to.include({ id, status: 'in_progress' });
    });

    it('of two at once releases for one, and the other ends with 5', async () => {
      await running.tenant.create();
      const results = await Promise.all([run('release', ...place), run('release', ...place)]);
      expect(results.map(({ code }) => code).sort()).to.deep.equal([0, 5]);
    });

    it('ends with 4 when there is nothing in that place, and says where there is', async () => {
      const { code, stderr } = await run('release', ...place);
      expect(code).to.equal(4);
      expect(stderr).to.equal(
        'deployment-queue: no deployment of checkout waits there; there is no checkout anywhere\n',
      );
      await running.tenant.create({ environment: 'test' });
      await running.tenant.create({ environment: 'staging' });
      const elsewhere = await run('release', ...place);
      expect(elsewhere.stderr).to.match(/; checkout exists in staging, test\n$/);
      await running.tenant.create({ region: 'europe-west1', cell: 'cell-1' });
      await running.tenant.create({ region: 'europe-west1', cell: 'cell-2' });
      const near = await run('release', ...place, '--region=us-east1');
      expect(near).to.include({ code: 4 });
      expect(near.stderr).to.match(
        /; checkout exists in production at provider=gcp, region=europe-west1, cell=cell-2, or at provider=gcp, region=europe-west1, cell=cell-1\n$/,
      );
    });
  });

  describe('rollback', () => {
    async function twoVersions() {
      await running.tenant.create({ version: '1' }, 'deployed');
      await running.tenant.create({ version: '2' }, 'deployed');
      return running.tenant.create({ version: '3' }, 'deployed');
    }

    it('by name and place returns to the last good version', async () => {
      const { id } = await twoVersions();
      const result = await run('rollback', ...place, '--json');
      expect(deploymentIn(result)).to.include({
        version: '2',
        trigger: 'rollback',
        rollback_from_deployment_id: id,
      });
    });

    it('by id returns to the version that is named', async () => {
      const { id } = await twoVersions();
      const result = await run('rollback', id, '--target-version=1', '--json');
      expect(deploymentIn(result)).to.include({ version: '1', trigger: 'rollback' });
    });

    it('says why, by id and by name and place', async () => {
      const { id } = await twoVersions();
      const result = await run('rollback', id, '--reason=Too slow', '--json');
      expect(deploymentIn(result).notes).to.include('Too slow');
      await running.tenant.move(deploymentIn(result).id, 'deployed');
      const further = await run('rollback', ...place, '--reason=Slow too', '--json');
      expect(deploymentIn(further)).to.include({ version: '1' });
      expect(deploymentIn(further).notes).to.include('Slow too');
    });

    it('says where a component runs that does not run there', async () => {
      await twoVersions();
      const near = await run('rollback', ...place, '--region=europe-west1');
      expect(near).to.include({ code: 4 });
      expect(near.stderr).to.match(/; checkout exists in production at provider=gcp/);
      const [name, , provider] = place;
      const far = ['rollback', `${name}`, `${provider}`, '--environment=test'];
      const elsewhere = await run(...far);
      expect(elsewhere).to.include({ code: 4 });
      expect(elsewhere.stderr).to.match(/nothing has run for .*; checkout exists in production\n$/);
      expect(JSON.parse((await run(...far, '--json')).stdout)).to.include({ status: 404 });
    });

    it('rolls back once under one key', async () => {
      const { id } = await twoVersions();
      const first = await run('rollback', id, '--idempotency-key=run-7', '--json');
      const second = await run('rollback', id, '--idempotency-key=run-7', '--json');
      expect(second).to.include({ code: 0, stdout: first.stdout });
      expect(second.stderr).to.match(/rolled back before/);
    });

    it('ends with 5 while another is pending, and with 4 when there is nothing to return to', async () => {
      await running.tenant.create({ version: '1' }, 'deployed');
      expect(await run('rollback', ...place)).to.include({ code: 4 });
      await running.tenant.create({ version: '2' }, 'deployed');
      expect(await run('rollback', ...place)).to.include({ code: 0 });
      expect(await run('rollback', ...place)).to.include({ code: 5 });
    });
  });

  describe('wait', () => {
    it('waits for deployed, and tells of every change on stderr', async () => {
      const { id } = await running.tenant.create();
      const waiting = run('wait', id, '--interval=20ms', '--json');
      await running.tenant.move(id, 'in_progress');
      await running.tenant.move(id, 'deployed');
      const result = await waiting;
      expect(result.code).to.equal(0);
      expect(deploymentIn(result)).to.include({ id, status: 'deployed' });
      expect(result.stderr).to.match(/^checkout 1\.0\.0 to production is deployed\n$/m);
    });

    it('waits for any of the statuses named', async () => {
      const { id } = await running.tenant.create({}, 'failed');
      expect(await run('wait', id, '--for=skipped,failed')).to.include({ code: 0 });
    });

    it('ends with 8 when the deployment comes to rest in another status', async () => {
      const { id } = await running.tenant.create({}, 'failed');
      const result = await run('wait', id, '--json');
      expect(result.code).to.equal(8);
      expect(result.stderr).to.match(/is failed/);
      expect(deploymentIn(result)).to.include({ id, status: 'failed' });
    });

    it('ends with 8 when the deployment is cancelled', async () => {
      const { id } = await running.tenant.create({}, 'in_progress', 'cancelled');
      expect(await run('wait', id)).to.include({ code: 8 });
    });

    it('ends with 9 when the time is over', async () => {
      const { id } = await running.tenant.create();
      const { code, stdout, stderr } = await run('wait', id, '--timeout=50ms', '--interval=10ms');
      expect({ code, stdout }).to.deep.equal({ code: 9, stdout: '' });
      expect(stderr).to.match(/is still scheduled/);
    });
  });
});
