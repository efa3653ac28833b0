import { expect } from 'chai';
import { rollback } from '../../../src/domain/deployments/rollback.js';
import { decideOver } from '../../support/reference-reads.js';
import { caller, idOf, instantOf, storedDeployment } from '../../support/stored.js';
import { back, History, taxonomy, version } from './rollback-outcome.js';
import type { Step } from './rollback-outcome.js';

describe('rollback', () => {
  const source = storedDeployment(1, {
    version: '1.3.0',
    status: 'deployed',
    revision: 4,
    updated_at: instantOf(3),
    type: 'terraform',
    auto: true,
    commit_sha: '9c8b7a6f',
    commit_at: instantOf(0),
    description: 'New payment provider',
    notes: 'Watch it',
    build_uri: 'https://example.test/build/1',
    deployment_uri: 'https://example.test/run/1',
    resource: 'deployment/checkout',
    pipeline_extra_params: '{"canary": 10}',
    created_by_repo: 'acme/other',
    created_by_workflow: 'nightly',
    created_by_actor: 'hubot',
    approvals: [],
  });
  const from = storedDeployment(2, { version: '1.4.0', status: 'failed', cell: null });
  const identity = { id: idOf(1000), at: instantOf(1000) };
  const notes = `Rollback from 1.4.0 (${idOf(2)}) to 1.3.0 (${idOf(1)})`;
  const roll = (reason?: string) =>
    decideOver(
      { deployments: [source, from] },
      rollback({ selector: { taxonomy }, reason }, caller, identity),
    );

  it('creates one deployment with the configuration of the source, and nothing else of it', () => {
    const { changes, result } = roll();
    expect(changes.deployments?.created).to.deep.equal([result]);
    expect(result).to.deep.equal({
      deployment: {
        ...source.deployment,
        id: identity.id,
        created_at: identity.at,
        updated_at: identity.at,
        started_at: null,
        finished_at: null,
        deployed_at: null,
        status: 'scheduled',
        trigger: 'rollback',
        auto: false,
        deployment_uri: null,
        notes,
        source_deployment_id: idOf(1),
        rollback_from_deployment_id: idOf(2),
        created_by_repo: 'acme/checkout',
        created_by_workflow: 'release',
        created_by_actor: 'octocat',
        approvals: [],
      },
      revision: 1,
      baseId: idOf(1),
    });
  });

  it('leaves what it replaces and what it copies as they are, and rests on both', () => {
    const { deployments } = roll().changes;
    expect(deployments).to.have.all.keys('created', 'unchanged');
    expect(deployments?.unchanged).to.deep.equal([from, source]);
  });

  it('records the registration, what is replaced as its cause, and why', () => {
    const { events = [] } = roll('Errors at the checkout').changes;
    expect(events).to.have.length(1);
    expect(events[0]?.deploymentId).to.equal(identity.id);
    expect(events[0]?.event).to.deep.include({
      revision: 1,
      type: 'registered',
      occurred_at: identity.at,
      from_status: null,
      to_status: 'scheduled',
      changed: [],
      cause: 'rollback',
      cause_deployment_id: idOf(2),
      reason: 'Errors at the checkout',
      actor: 'octocat',
      repository: 'acme/checkout',
      workflow: 'release',
    });
  });

  it('says why in its notes, as far as they may reach', () => {
    expect(roll('Errors at the checkout').result.deployment.notes).to.equal(
      `${notes}: Errors at the checkout`,
    );
    expect(roll('x'.repeat(4096)).result.deployment.notes).to.have.length(4096);
  });

  it('names a source that is a rollback, and keeps the place of what that was copied from', () => {
    const history = new History([version('1'), version('2'), back(), version('3')]);
    const { deployment, baseId } = history.rollBack().result;
    expect(deployment).to.include({
      source_deployment_id: idOf(3),
      rollback_from_deployment_id: idOf(4),
    });
    expect(baseId).to.equal(idOf(1));
  });

  it('counts against what it replaced once it is deployed, and not before', () => {
    const steps: Step[] = [version('1'), version('2'), version('3')];
    const tried = new History([...steps, back(['in_progress', 'failed']), version('4')]);
    expect(tried.decided()).to.equal('5 -> 3');
    const done = new History([...steps, back(), version('4')]);
    expect(done.decided()).to.equal('5 -> 4');
  });
});

describe('a rollback while there is another', () => {
  const deployed: Step[] = [version('1'), version('2')];

  for (const request of [{}, { by: 2 }, { target: '1' }, { by: 2, target: '1' }]) {
    it(`is refused while that is scheduled, when asked for as ${JSON.stringify(request)}`, () => {
      const history = new History([...deployed, back([])]);

      expect(history.refusal(request)).to.deep.equal({
        code: 'rollback-pending',
        message: `Deployment ${idOf(2)} is already being rolled back by ${idOf(3)}, which is scheduled`,
      });
    });
  }

  it('tries that one again, once it is in progress', () => {
    const history = new History([version('0'), ...deployed, back(['in_progress'])]);

    expect(history.decided()).to.equal('4 -> 2');
  });

  for (const status of ['skipped', 'cancelled', 'failed'] as const) {
    it(`goes ahead when that became ${status} without having begun`, () => {
      const history = new History([...deployed, back([status])]);

      expect(history.decided()).to.equal('2 -> 1');
    });
  }

  it('goes ahead when that was deployed, and replaces it', () => {
    const history = new History([version('0'), ...deployed, back()]);

    expect(history.decided()).to.equal('4 -> 1');
  });

  it('goes ahead when that replaces another deployment', () => {
    const history = new History([...deployed, version('3', 'scheduled'), back([])]);
    history.perform({ number: 3, to: ['deployed'] });

    expect(history.decided()).to.equal('3 -> 2');
  });
});

describe('the faults of a rollback', () => {
  it('begin with what is to be replaced', () => {
    const history = new History([version('1'), version('2'), back([]), version('3')]);

    expect(history.refusal({ by: 1, target: '9' }).code).to.equal('rollback-not-allowed');
  });

  it('go on with another rollback, before there is a look for a source', () => {
    const history = new History([version('1'), version('2'), back([])]);

    for (const request of [{}, { target: '9' }]) {
      expect(history.refusal(request).code).to.equal('rollback-pending');
    }
  });
});
