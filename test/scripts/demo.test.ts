import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { organisation } from '../../scripts/demo/cast.js';
import { seedDemo } from '../../scripts/demo/seed.js';
import type {
  Deployment,
  DeploymentEvent,
  DeploymentStatus,
} from '../../src/domain/deployments/deployment.js';
import type { Lock, ShownFreeze } from '../../src/domain/gates/gate.js';
import type { QueuePosition } from '../../src/domain/queue/position.js';
import { startTestService } from '../support/service.js';
import type { TestService } from '../support/service.js';

describe('the demo', () => {
  const week = 7 * 24 * 60 * 60 * 1000;
  const end = new Date();
  let folder: string;
  let service: TestService;
  let deployments: Deployment[];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
    const path = join(folder, 'demo.db');
    await seedDemo(path, end);
    service = await startTestService({
      STORE: 'sqlite',
      SQLITE_PATH: path,
      DEV_ORGANISATION: organisation,
    });
    deployments = await get<Deployment[]>('/v1/deployments?limit=500');
  });
  after(async () => {
    await service.stop();
    await rm(folder, { recursive: true });
  });

  async function get<Body>(path: string): Promise<Body> {
    const { body } = await service.api.get(path).expect(200);
    return body as Body;
  }
  const eventsOf = ({ id }: Deployment) => get<DeploymentEvent[]>(`/v1/deployments/${id}/events`);
  const inProduction = (status: DeploymentStatus) =>
    deployments.filter((one) => one.environment === 'production' && one.status === status);

  it('has eight components in three environments and three clouds, within a week', () => {
    const all = <Field extends keyof Deployment>(field: Field) =>
      new Set(deployments.map((deployment) => deployment[field]));
    expect(all('name')).to.have.lengthOf(8);
    expect(all('environment')).to.have.keys('dev', 'staging', 'production');
    expect(all('provider')).to.have.keys('gcp', 'aws', 'azure');
    expect(all('status')).to.have.keys(
      ...(['scheduled', 'in_progress', 'deployed', 'skipped', 'failed', 'cancelled'] as const),
    );
    const instants = deployments.map(({ created_at: at }) => Date.parse(at));
    expect(Math.max(...instants)).to.be.at.most(end.getTime());
    expect(Math.min(...instants)).to.be.at.least(end.getTime() - week);
  });

  it('has people and pipelines, commits and links', () => {
    for (const deployment of deployments) {
      expect(deployment.created_by_actor).to.match(/^octo-/);
      expect(deployment.commit_sha).to.match(/^[0-9a-f]{40}$/);
      expect(deployment.build_uri).to.match(/^https:\/\/github\.example\.com\//);
    }
    const [rollback] = deployments.filter(({ trigger }) => trigger === 'rollback');
    expect(rollback?.created_by_repo).to.equal(null);
    expect(
      deployments.some((one) => one.created_by_repo === `${organisation}/${one.name}`),
    ).to.equal(true);
  });

  it('shows what runs under a lease, and who waits for it', async () => {
    const [running] = inProduction('in_progress');
    const waiting = await Promise.all(
      inProduction('scheduled').map(({ id }) => get<QueuePosition>(`/v1/deployments/${id}/queue`)),
    );
    const queued = waiting.filter(({ position }) => position !== null);
    expect(queued).to.have.lengthOf(2);
    for (const { blocked_by: blockers, holders } of queued) {
      expect(blockers[0]).to.include({ kind: 'running', deployment_id: running?.id });
      expect(holders[0]).to.include({ leased: true });
    }
    expect(queued.map(({ position }) => position)).to.have.members([1, 2]);
  });

  it('has a lease that ran out, one that was tried again, and what was skipped for it', async () => {
    const failed = await Promise.all(inProduction('failed').map(eventsOf));
    expect(failed.flat().map(({ cause }) => cause)).to.include('lease_expired');
    const skipped = await Promise.all(inProduction('skipped').map(eventsOf));
    expect(skipped.flat().map(({ cause }) => cause)).to.include('auto_skip');
    const retried = deployments.find(({ created_at: at, started_at: started }) => {
      return started !== null && Date.parse(started) - Date.parse(at) > 4 * 60 * 1000;
    });
    const statuses = retried && (await eventsOf(retried)).map(({ to_status: to }) => to);
    expect(statuses).to.include.members(['failed', 'deployed']);
  });

  it('has a rollback with its lineage, and one that is still to be carried out', async () => {
    const rollbacks = deployments.filter(({ trigger }) => trigger === 'rollback');
    expect(rollbacks.map(({ status }) => status)).to.have.members(['deployed', 'scheduled']);
    for (const { id, version } of rollbacks) {
      const {
        copied_from: [source],
        replaced: [bad],
      } = await get<{
        copied_from: Deployment[];
        replaced: Deployment[];
      }>(`/v1/deployments/${id}/lineage`);
      expect(source?.version).to.equal(version);
      expect(bad?.version).not.to.equal(version);
    }
  });

  it('has a lock of a person, one of a rollback, a freeze, and something that waits for approval', async () => {
    const locks = await get<Lock[]>('/v1/locks');
    expect(locks.map((lock) => [lock.scope.name, lock.deployment_id !== null])).to.deep.equal([
      ['ledger-export', false],
      ['accounts', true],
    ]);
    const freezes = await get<ShownFreeze[]>('/v1/freezes');
    expect(freezes.map(({ scope, closed }) => [scope.name, closed])).to.deep.equal([
      ['network', true],
    ]);
    const waiting = inProduction('scheduled').filter(
      ({ trigger, approvals }) => trigger !== 'rollback' && approvals.length === 0,
    );
    expect(waiting.map(({ name }) => name)).to.include('network');
  });

  it('is the same each time', async () => {
    const again = join(folder, 'again.db');
    await seedDemo(again, end);
    const other = await startTestService({ SQLITE_PATH: again, DEV_ORGANISATION: organisation });
    try {
      const { body } = await other.api.get('/v1/deployments?limit=500').expect(200);
      expect(body).to.deep.equal(deployments);
    } finally {
      await other.stop();
    }
  });
});
