import { expect } from 'chai';
import { history, idOf, instantOf, storedDeployment } from '../../support/stored.js';
import type { Entry } from '../../support/stored.js';
import {
  decided,
  newIdentity,
  refusal,
  requestFor,
  rollBack,
  taxonomy,
} from './rollback-outcome.js';

describe('rollback', () => {
  const source = storedDeployment(1, {
    version: '1.3.0',
    status: 'deployed',
    revision: 4,
    updated_at: instantOf(3),
    type: 'terraform',
    auto: true,
    commit_sha: '9c8b7a6f',
    description: 'New payment provider',
    notes: 'Watch it',
    build_uri: 'https://example.test/build/1',
    deployment_uri: 'https://example.test/run/1',
    resource: 'deployment/checkout',
    pipeline_extra_params: '{"canary": 10}',
    created_by_repo: 'acme/other',
    created_by_workflow: 'nightly',
    created_by_actor: 'hubot',
  });
  const from = storedDeployment(2, { version: '1.4.0', status: 'failed', cell: null });
  const { changes } = rollBack([source, from], { selector: { taxonomy } });

  it('creates one deployment with the configuration of the source, and nothing else of it', () => {
    expect(changes.deployments?.created).to.deep.equal([
      {
        deployment: {
          ...source.deployment,
          id: newIdentity.id,
          created_at: newIdentity.at,
          updated_at: newIdentity.at,
          status: 'scheduled',
          trigger: 'rollback',
          auto: false,
          deployment_uri: null,
          notes: `Rollback from 1.4.0 (${idOf(2)}) to 1.3.0 (${idOf(1)})`,
          source_deployment_id: idOf(1),
          rollback_from_deployment_id: idOf(2),
          created_by_repo: 'acme/checkout',
          created_by_workflow: 'release',
          created_by_actor: 'octocat',
        },
        revision: 1,
        everDeployed: false,
      },
    ]);
  });

  it('leaves what it replaces as it is, and rests on that', () => {
    expect(changes.deployments).to.have.all.keys('created', 'unchanged');
    expect(changes.deployments?.unchanged).to.deep.equal([from]);
  });

  it('remembers that what it replaces was rolled back from', () => {
    expect(changes.rolledBack).to.deep.equal([from]);
  });

  it('records the registration, and what is replaced as its cause', () => {
    expect(changes.events).to.deep.equal([
      {
        deploymentId: newIdentity.id,
        revision: 1,
        event: {
          occurred_at: newIdentity.at,
          from_status: null,
          to_status: 'scheduled',
          cause: 'rollback',
          cause_deployment_id: idOf(2),
          actor: 'octocat',
          repository: 'acme/checkout',
          workflow: 'release',
        },
      },
    ]);
  });

  it('names a source that is a rollback, not what that was copied from', () => {
    const copy = storedDeployment(3, {
      version: '1.3.0',
      status: 'deployed',
      source_deployment_id: idOf(1),
      rollback_from_deployment_id: idOf(2),
    });
    const bad = storedDeployment(4, { version: '1.5.0', status: 'deployed' });

    const { result: made } = rollBack([source, from, copy, bad], { selector: { taxonomy } });

    expect(made.deployment).to.include({
      source_deployment_id: idOf(3),
      rollback_from_deployment_id: idOf(4),
    });
  });
});

describe('a rollback while there is another', () => {
  const deployed: Entry[] = [
    ['1', 'deployed'],
    ['2', 'deployed'],
  ];

  for (const request of [{}, { by: 2 }, { to: '1' }, { by: 2, to: '1' }]) {
    it(`is refused while that is scheduled, when asked for as ${JSON.stringify(request)}`, () => {
      const members = history([...deployed, ['1', 'scheduled', { replaces: 2 }]]);

      expect(refusal(members, requestFor(members, request))).to.deep.equal({
        code: 'rollback-pending',
        message: `Deployment ${idOf(2)} is already being rolled back by ${idOf(3)}, which is scheduled`,
      });
    });
  }

  it('is refused while that is in progress, though a skewed clock made it the older', () => {
    const members = history([
      ['1', 'in_progress', { replaces: 2 }],
      ['2', 'deployed'],
    ]);

    expect(refusal(members, requestFor(members))).to.deep.equal({
      code: 'rollback-pending',
      message: `Deployment ${idOf(2)} is already being rolled back by ${idOf(1)}, which is in_progress`,
    });
  });

  it('replaces that one, once it is in progress', () => {
    const members = history([
      ['0', 'deployed'],
      ...deployed,
      ['1', 'in_progress', { replaces: 3 }],
    ]);

    expect(decided(members, requestFor(members))).to.equal('4 -> 1');
  });

  it('is refused by id once that is in progress, and named as what runs', () => {
    const members = history([...deployed, ['1', 'in_progress', { replaces: 2 }]]);

    expect(refusal(members, requestFor(members, { by: 2 }))).to.deep.equal({
      code: 'rollback-not-allowed',
      message: `Deployment ${idOf(2)} is not the newest that was released; 1 (${idOf(3)}, in_progress) runs there`,
    });
  });

  it('goes ahead when that was skipped', () => {
    const members = history([...deployed, ['1', 'skipped', { replaces: 2 }]]);

    expect(decided(members, requestFor(members))).to.equal('2 -> 1');
  });

  for (const status of ['deployed', 'failed'] as const) {
    it(`goes ahead when that has ${status}, and replaces it`, () => {
      const members = history([['0', 'deployed'], ...deployed, ['1', status, { replaces: 3 }]]);

      expect(decided(members, requestFor(members))).to.equal('4 -> 1');
    });
  }

  it('goes ahead when that replaces another deployment', () => {
    const members = history([...deployed, ['1', 'scheduled', { replaces: 2 }], ['3', 'deployed']]);

    expect(decided(members, requestFor(members))).to.equal('4 -> 1');
  });
});

describe('the faults of a rollback', () => {
  const pending: Entry[] = [
    ['2', 'deployed'],
    ['1', 'scheduled', { replaces: 1 }],
  ];

  it('begin with what is to be replaced', () => {
    const members = history([...pending, ['3', 'deployed']]);

    const { code } = refusal(members, requestFor(members, { by: 1, to: '9' }));
    expect(code).to.equal('rollback-not-allowed');
  });

  it('go on with another rollback, before there is a look for a source', () => {
    const members = history(pending);

    for (const request of [{}, { to: '9' }]) {
      const { code } = refusal(members, requestFor(members, request));
      expect(code).to.equal('rollback-pending');
    }
  });
});
