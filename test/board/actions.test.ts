import { expect } from 'chai';
import { createClient, noCredentials } from '../../src/client/client.js';
import { actionsFor } from '../../src/board/state/actions.js';
import { previewRollback } from '../../src/board/state/rollback.js';
import { decideTransition } from '../../src/domain/deployments/lifecycle.js';
import { runService } from '../support/http.js';
import { row } from './support/rows.js';
import { deployment } from './support/deployment.js';

const statuses = [
  'scheduled',
  'in_progress',
  'deployed',
  'failed',
  'skipped',
  'cancelled',
] as const;

describe('what can be done about a deployment on the board', () => {
  const offered = {
    scheduled: ['skip', 'cancel', 'lock'],
    in_progress: ['put_back', 'skip', 'cancel', 'lock'],
    deployed: ['lock'],
    failed: ['retry', 'skip', 'lock'],
    skipped: ['unskip', 'lock'],
    cancelled: ['reopen', 'lock'],
  };
  for (const status of statuses) {
    it(`is what the life table allows, when it is ${status}`, () => {
      const actions = actionsFor({ status }, { isWhatRuns: false, lacksApproval: false });
      expect(actions.map(({ id }) => id)).to.deep.equal(offered[status]);
      for (const { id, status: to } of actions) {
        if (id === 'lock') continue;
        expect(to !== undefined && decideTransition(status, to), to).to.be.true;
      }
    });
  }

  it('is a rollback as well, of what runs', () => {
    const ids = (status: (typeof statuses)[number]) =>
      actionsFor({ status }, { isWhatRuns: true, lacksApproval: false }).map(({ id }) => id);
    expect(ids('deployed')).to.deep.equal(['roll_back', 'lock']);
    expect(ids('failed')).to.deep.equal(['roll_back', 'retry', 'skip', 'lock']);
  });

  it('is an approval of what lacks one, and a rejection of what waits', () => {
    const ids = (status: (typeof statuses)[number]) =>
      actionsFor({ status }, { isWhatRuns: false, lacksApproval: true }).map(({ id }) => id);
    expect(ids('scheduled')).to.deep.equal(['approve', 'reject', 'skip', 'cancel', 'lock']);
    expect(ids('failed')).to.deep.equal(['approve', 'retry', 'skip', 'lock']);
    expect(ids('in_progress')).to.deep.equal(['put_back', 'skip', 'cancel', 'lock']);
  });

  it('is a lock alone in a status that is not known', () => {
    const options = { isWhatRuns: false, lacksApproval: false };
    const ids = actionsFor({ status: 'on_hold' as 'failed' }, options).map(({ id }) => id);
    expect(ids).to.deep.equal(['lock']);
  });
});

describe('what a rollback will copy', () => {
  const running = runService();
  const read = async (id: string) => {
    const { service, tenant } = running;
    const client = createClient({
      url: service.apiUrl,
      credentials: noCredentials(tenant.organisation),
    });
    const [{ rows }, { deployments }, from] = await Promise.all([
      client.listCurrent(),
      client.listDeployments(),
      tenant.get(id),
    ]);
    return { client, preview: previewRollback(from, rows[0], deployments) };
  };

  it('is what it copies then, for the last good one and for every version that is offered', async () => {
    const { tenant } = running;
    for (const version of ['1', '2', '3', '2', '4']) {
      await tenant.create({ version }, 'in_progress', 'deployed');
    }
    await tenant.create({ version: 'never' }, 'in_progress', 'failed');
    const from = await tenant.create({ version: '5' }, 'in_progress', 'deployed');
    const { client, preview } = await read(from.id);
    expect(preview.sources.map(({ targetVersion }) => targetVersion)).to.deep.equal([
      ...[undefined, '4', '2', '3', '1'],
    ]);
    for (const { targetVersion, source } of preview.sources) {
      const query = targetVersion === undefined ? {} : { target_version: targetVersion };
      const { deployment: created } = await client.rollbackDeployment(from.id, query);
      expect(created.source_deployment_id, targetVersion).to.equal(source.id);
      // Another one may follow once nothing is pending.
      await tenant.move(created.id, 'cancelled');
    }
  });

  it('is nothing where there is nothing to return to', async () => {
    const only = await running.tenant.create({}, 'in_progress', 'deployed');
    expect((await read(only.id)).preview).to.deep.equal({ isWhatRuns: true, sources: [] });
  });

  it('is nothing once something else runs', async () => {
    const first = await running.tenant.create({ version: '1' }, 'deployed');
    await running.tenant.create({ version: '2' }, 'deployed');
    expect((await read(first.id)).preview).to.deep.equal({ isWhatRuns: false, sources: [] });
  });

  it('is of the same place, also where a filter matches more', () => {
    const from = deployment({ id: 'from', status: 'deployed' });
    const there = row({ current: { ...from }, previous_good: null });
    const elsewhere = deployment({
      id: 'other',
      version: '9',
      region: 'eu',
      deployed_at: from.created_at,
    });
    expect(previewRollback(from, there, [elsewhere]).sources).to.deep.equal([]);
  });
});
