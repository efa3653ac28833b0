import { expect } from 'chai';
import { commandLine, environmentOf, rowsOf } from '../support/command-line.js';
import { runService } from '../support/http.js';

const unknownId = '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f';
const place = ['--name=checkout', '--environment=production', '--provider=gcp'];

describe('deployment-queue', () => {
  const running = runService();
  const run = (...argv: string[]) => commandLine(environmentOf(running), ...argv);

  describe('create', () => {
    it('registers a deployment and shows every field that has a value', async () => {
      const { code, stdout, stderr } = await run(
        'create',
        ...place,
        '--version=1.4.0',
        '--type=k8s',
      );
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      const [deployment] = await running.tenant.list();
      expect(deployment).to.include({ name: 'checkout', version: '1.4.0', trigger: 'auto' });
      expect(stdout)
        .to.match(new RegExp(`^id +${deployment?.id ?? ''}$`, 'm'))
        .and.match(/^status +scheduled$/m)
        .and.match(/^etag +"/m)
        .and.not.match(/null|^cell/m);
    });

    it('takes every field of the contract, by its name with hyphens', async () => {
      const fields = {
        name: '-checkout',
        version: '1.4.0',
        environment: 'production',
        provider: 'aws',
        cloud_account_id: '123456789012',
        region: 'eu-west-1',
        cell: 'cell-1',
        type: 'data_pipeline',
        auto: false,
        commit_sha: '4f0c6b1',
        commit_at: '2026-01-05T10:30:00+01:00',
        description: 'Faster "basket"',
        notes: 'two\nlines',
        build_uri: 'https://example.com/1',
        deployment_uri: 'https://example.com/2',
        resource: 'deployment/checkout',
        pipeline_extra_params: '{canary: 10}, or anything',
      };
      const flags = Object.entries(fields).flatMap(([name, value]) => [
        `--${name.replaceAll('_', '-')}`,
        String(value),
      ]);
      const { code, stdout } = await run('create', '--json', ...flags);
      expect(code).to.equal(0);
      const answer = JSON.parse(stdout);
      const commit_at = '2026-01-05T09:30:00.000Z';
      expect(answer).to.include({ ...fields, commit_at, trigger: 'manual' });
      expect(answer).to.deep.equal(await running.tenant.get(answer.id));
    });

    it('takes an empty part of a place for one that is not there', async () => {
      const blank = ['--cloud-account-id=', '--region=', '--cell= '];
      const { code } = await run('create', ...place, ...blank, '--version=1', '--type=k8s');
      expect(code).to.equal(0);
      const absent = { cloud_account_id: null, region: null, cell: null };
      expect((await running.tenant.list())[0]).to.include(absent);
    });

    it('registers once under one key, and says so the second time', async () => {
      const argv = ['create', ...place, '--version=1', '--type=k8s', '--idempotency-key=run-7'];
      const [first, second] = [await run(...argv), await run(...argv)];
      expect(first.stderr).to.equal('');
      expect(second).to.include({ code: 0, stdout: first.stdout });
      expect(second.stderr).to.match(/registered before/);
      expect(await running.tenant.list()).to.have.length(1);
    });
  });

  describe('list', () => {
    it('prints a table, newest first, without columns that are empty', async () => {
      await running.tenant.create({ version: '1', region: 'europe-west1' }, 'deployed');
      await running.tenant.create({ version: '2' });
      const { code, stdout } = await run('list');
      expect(code).to.equal(0);
      const rows = rowsOf(stdout);
      expect(rows.map(({ VERSION, STATUS, REGION }) => [VERSION, STATUS, REGION])).to.deep.equal([
        ['2', 'scheduled', '-'],
        ['1', 'deployed', 'europe-west1'],
      ]);
      expect(rows[0]).not.to.have.any.keys('CELL', 'ACCOUNT');
    });

    it('filters by what the contract filters by', async () => {
      const cell = await running.tenant.create({ cell: 'cell-1', provider: 'azure' }, 'failed');
      await running.tenant.create();
      const filters = ['--cell=cell-1', '--status=failed', '--provider=azure', '--trigger=auto'];
      const { stdout } = await run('list', '--json', ...filters);
      expect(JSON.parse(stdout)).to.deep.equal([cell]);
    });

    it('takes one status or several, and a version', async () => {
      for (const status of ['scheduled', 'cancelled', 'failed'] as const) {
        await running.tenant.create({ version: status }, status);
      }
      const versions = async (...argv: string[]) => {
        const { stdout } = await run('list', '--json', ...argv);
        return JSON.parse(stdout).map(({ version }: { version: string }) => version);
      };
      expect(await versions('--status=cancelled')).to.deep.equal(['cancelled']);
      expect(await versions('--status=failed', '--status=scheduled')).to.deep.equal([
        'failed',
        'scheduled',
      ]);
      expect(await versions('--status=failed, cancelled,failed')).to.deep.equal([
        'failed',
        'cancelled',
      ]);
      expect(await versions('--version=scheduled')).to.deep.equal(['scheduled']);
    });

    it('says that nothing matches on stderr, and prints an empty array as JSON', async () => {
      expect(await run('list', '--name=nothing')).to.deep.equal({
        code: 0,
        stdout: '',
        stderr: 'No deployments match.\n',
      });
      expect(await run('list', '--json')).to.deep.equal({ code: 0, stdout: '[]\n', stderr: '' });
    });

    it('stops at --limit, counted over all pages', async () => {
      for (let version = 1; version <= 3; version += 1) {
        await running.tenant.create({ version: String(version) });
      }
      const { stdout } = await run('list', '--json', '--limit=2');
      expect(JSON.parse(stdout).map(({ version }: { version: string }) => version)).to.deep.equal([
        '3',
        '2',
      ]);
    });
  });

  describe('get', () => {
    it('shows one deployment, whole as JSON', async () => {
      const deployment = await running.tenant.create({ notes: 'careful' });
      const { stdout } = await run('get', deployment.id);
      expect(stdout).to.match(/^notes +careful$/m);
      const asJson = await run('get', deployment.id, '--json');
      expect(JSON.parse(asJson.stdout)).to.deep.equal(deployment);
    });

    it('ends with 4 when there is none, and with --json prints what the API answered', async () => {
      const { code, stdout, stderr } = await run('get', unknownId, '--json');
      expect(code).to.equal(4);
      expect(JSON.parse(stdout)).to.include({ status: 404, title: 'Not Found' });
      expect(stderr).to.match(
        /^deployment-queue: No deployment with id 019b\S+ \(request \S+\)\n$/,
      );
      expect((await run('get', unknownId)).stdout).to.equal('');
    });
  });

  describe('update-status', () => {
    it('moves a deployment, changes what is named and clears what is to be cleared', async () => {
      const { id } = await running.tenant.create({ notes: 'old', deployment_uri: 'https://a' });
      const uri = '--deployment-uri=https://b';
      const { code } = await run('update-status', id, 'deployed', uri, '--no-notes');
      expect(code).to.equal(0);
      expect(await running.tenant.get(id)).to.include({
        status: 'deployed',
        notes: null,
        deployment_uri: 'https://b',
      });
    });

    it('changes notes alone', async () => {
      const { id } = await running.tenant.create();
      expect(await run('update-status', id, '--notes=watch it')).to.include({ code: 0 });
      expect(await running.tenant.get(id)).to.include({ status: 'scheduled', notes: 'watch it' });
    });

    it('cancels, and re-opens what was cancelled', async () => {
      const { id } = await running.tenant.create();
      expect(await run('update-status', id, 'cancelled')).to.include({ code: 0 });
      expect(await running.tenant.get(id)).to.include({ status: 'cancelled', started_at: null });
      expect(await run('update-status', id, 'in_progress')).to.include({ code: 5 });
      expect(await run('update-status', id, 'scheduled')).to.include({ code: 0 });
    });

    it('ends with 5 and names what is allowed when the life table forbids it', async () => {
      const { id } = await running.tenant.create({}, 'skipped');
      const { code, stderr } = await run('update-status', id, '--status=deployed');
      expect(code).to.equal(5);
      expect(stderr).to.match(/^deployment-queue: .* allowed: scheduled \(request .*\)\n$/);
    });

    it('ends with 5 when somebody else was faster than --if-match', async () => {
      const { id } = await running.tenant.create();
      const { stdout } = await run('get', id);
      const [, etag = ''] = /^etag +(.*)$/m.exec(stdout) ?? [];
      await running.tenant.move(id, 'in_progress');
      expect(await run('update-status', id, 'deployed', `--if-match=${etag}`)).to.include({
        code: 5,
      });
      expect(await running.tenant.get(id)).to.include({ status: 'in_progress' });
    });
  });

  describe('lineage and events', () => {
    it('show what a rollback came from, and every change', async () => {
      await running.tenant.create({ version: '1' }, 'deployed');
      const bad = await running.tenant.create({ version: '2' }, 'deployed');
      const back = await running.tenant.rollback();
      const lineage = await run('lineage', back.id);
      expect(
        rowsOf(lineage.stdout).map(({ RELATION, VERSION }) => [RELATION, VERSION]),
      ).to.deep.equal([
        ['copied from', '1'],
        ['replaced', '2'],
        ['this one', '1'],
      ]);
      const events = await run('events', bad.id);
      expect(rowsOf(events.stdout).map(({ FROM, TO, CAUSE }) => [FROM, TO, CAUSE])).to.deep.equal([
        ['-', 'scheduled', 'request'],
        ['scheduled', 'deployed', 'request'],
      ]);
    });

    it('show what else changed than the status, and why', async () => {
      await running.tenant.create({ version: '1' }, 'deployed');
      await running.tenant.create({ version: '2' }, 'deployed');
      const reason = 'Errors at the checkout';
      const back = await run('rollback', ...place, '--json', `--reason=${reason}`);
      const { id } = JSON.parse(back.stdout);
      expect(await run('update-status', id, '--notes=seen')).to.include({ code: 0 });
      const { stdout } = await run('events', id);
      expect(
        rowsOf(stdout).map(({ FROM, TO, CHANGED, REASON }) => [FROM, TO, CHANGED, REASON]),
      ).to.deep.equal([
        ['-', 'scheduled', '-', reason],
        ['scheduled', 'scheduled', 'notes', '-'],
      ]);
    });

    it('print what the API answered with --json', async () => {
      const { id } = await running.tenant.create();
      const { stdout: lineage } = await run('lineage', id, '--json');
      expect(JSON.parse(lineage)).to.have.keys(
        'deployment',
        'copied_from',
        'replaced',
        'replaced_by',
        'more',
      );
      const { stdout: events } = await run('events', id, '--json');
      expect(JSON.parse(events)).to.have.length(1);
    });
  });
});
