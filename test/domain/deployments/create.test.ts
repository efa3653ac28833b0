import { expect } from 'chai';
import { create } from '../../../src/domain/deployments/create.js';
import type { Decided } from '../../../src/domain/decision.js';
import type {
  Deployment,
  DeploymentCreate,
  StoredDeployment,
} from '../../../src/domain/deployments/deployment.js';
import { decideOver } from '../../support/reference-reads.js';
import { refused } from '../../support/refused.js';
import { caller, idOf, instantOf } from '../../support/stored.js';

const newIdentity = { id: idOf(1), at: instantOf(1) };

const minimal: DeploymentCreate = {
  name: 'checkout',
  version: '1.4.0',
  environment: 'production',
  provider: 'gcp',
  type: 'k8s',
};

const optional = {
  cloud_account_id: 'acme-prod',
  region: 'europe-west1',
  cell: 'cell-1',
  commit_sha: '4f0c6b1c',
  commit_at: '2026-01-05T09:12:44.000Z',
  description: 'Faster basket',
  notes: 'Watch the error rate',
  build_uri: 'https://example.test/build',
  deployment_uri: 'https://example.test/run',
  resource: 'deployment/checkout',
  pipeline_extra_params: '{"canary": 10}',
};

/** Registers where there are no policies. */
function register(request: DeploymentCreate, by = caller): Decided<StoredDeployment> {
  return decideOver({ deployments: [] }, create(request, by, newIdentity));
}

function createdFrom(fields: Partial<DeploymentCreate> = {}, by = caller): Deployment {
  return register({ ...minimal, ...fields }, by).result.deployment;
}

describe('create', () => {
  it('registers what is said, as scheduled, and leaves the rest null', () => {
    expect(createdFrom()).to.deep.equal({
      id: newIdentity.id,
      created_at: newIdentity.at,
      updated_at: newIdentity.at,
      started_at: null,
      finished_at: null,
      deployed_at: null,
      organisation: 'acme',
      ...minimal,
      cloud_account_id: null,
      region: null,
      cell: null,
      auto: true,
      commit_sha: null,
      commit_at: null,
      description: null,
      notes: null,
      build_uri: null,
      deployment_uri: null,
      resource: null,
      pipeline_extra_params: null,
      status: 'scheduled',
      trigger: 'auto',
      source_deployment_id: null,
      rollback_from_deployment_id: null,
      created_by_repo: 'acme/checkout',
      created_by_workflow: 'release',
      created_by_actor: 'octocat',
      approvals: [],
    });
  });

  it('keeps every optional field as it was sent', () => {
    expect(createdFrom(optional)).to.include(optional);
  });

  it('takes null for every optional field', () => {
    const nothing = Object.fromEntries(Object.keys(optional).map((field) => [field, null]));

    expect(createdFrom(nothing)).to.deep.equal(createdFrom());
  });

  for (const [auto, trigger] of [
    [undefined, 'auto'],
    [true, 'auto'],
    [false, 'manual'],
  ] as const) {
    it(`has the trigger ${trigger} when auto is ${String(auto)}`, () => {
      const deployment = createdFrom(auto === undefined ? {} : { auto });

      expect(deployment).to.include({ trigger, auto: auto ?? true });
    });
  }

  it('takes organisation and audit fields from the caller, null where the token has none', () => {
    const person = { ...caller, organisation: 'globex', repository: null, workflow: null };

    expect(createdFrom({}, person)).to.include({
      organisation: 'globex',
      created_by_repo: null,
      created_by_workflow: null,
      created_by_actor: 'octocat',
    });
  });

  it('starts at revision 1, at a place of its own, and changes nothing else', () => {
    const { changes, result } = register(minimal);

    expect(result).to.include({ revision: 1, baseId: null });
    expect(Object.keys(changes)).to.have.members(['controlsAt', 'deployments', 'events']);
    expect(changes.deployments).to.deep.equal({ created: [result] });
  });

  const event = {
    revision: 1,
    type: 'registered',
    occurred_at: newIdentity.at,
    from_status: null,
    to_status: 'scheduled',
    changed: [],
    cause: 'request',
    cause_deployment_id: null,
    reason: null,
    actor: 'octocat',
    actor_id: null,
    repository: 'acme/checkout',
    repository_id: null,
    workflow: 'release',
    ref: null,
    commit_sha: null,
    run_id: null,
    run_attempt: null,
    gates: [],
  };

  it('records the registration', () => {
    expect(register(minimal).changes.events).to.deep.equal([
      { organisation: 'acme', deploymentId: newIdentity.id, event },
    ]);
  });

  it('records what the token of a job says of it', () => {
    const job = {
      actorId: '583231',
      repositoryId: '1296269',
      ref: 'refs/heads/main',
      commitSha: '4f0c6b1c',
      runId: '1001',
      runAttempt: '2',
      eventName: 'push',
      environment: null,
      workflowRef: 'acme/checkout/.github/workflows/release.yml@refs/heads/main',
    };

    expect(register(minimal, { ...caller, job }).changes.events).to.deep.equal([
      {
        organisation: 'acme',
        deploymentId: newIdentity.id,
        event: {
          ...event,
          actor_id: '583231',
          repository_id: '1296269',
          ref: 'refs/heads/main',
          commit_sha: '4f0c6b1c',
          run_id: '1001',
          run_attempt: '2',
          gates: [],
        },
      },
    ]);
  });

  const instants: [sent: string, kept: string][] = [
    ['2026-01-05T09:12:44Z', '2026-01-05T09:12:44.000Z'],
    ['2026-01-05T09:12:44.5z', '2026-01-05T09:12:44.500Z'],
    ['2026-01-05T09:12:44.123456Z', '2026-01-05T09:12:44.123Z'],
    ['2026-01-05T10:12:44+01:00', '2026-01-05T09:12:44.000Z'],
    ['2026-01-01T00:30:00+05:45', '2025-12-31T18:45:00.000Z'],
    ['2025-12-31T23:30:00-01:00', '2026-01-01T00:30:00.000Z'],
    ['2026-01-05T09:12:44-00:00', '2026-01-05T09:12:44.000Z'],
  ];
  for (const [sent, kept] of instants) {
    it(`keeps the commit_at ${sent} as ${kept}`, () => {
      expect(createdFrom({ commit_at: sent }).commit_at).to.equal(kept);
    });
  }

  const impossible = [
    '2026-02-30T00:00:00Z',
    '2025-02-29T12:00:00+01:00',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2016-12-31T23:59:60Z',
    '2026-01-01T00:00:00+24:00',
    // Before the year 0 and after 9999 in UTC.
    '0000-01-01T00:00:00+23:59',
    '9999-12-31T23:59:59-23:00',
  ];
  for (const text of impossible) {
    it(`refuses ${text} as commit_at, which is no instant`, () => {
      const { code, details } = refused(() => createdFrom({ commit_at: text }));

      expect(code).to.equal('contract-violation');
      const message = 'must be an instant that there is, such as 2026-01-05T09:12:44Z';
      expect(details.violations).to.deep.equal([{ pointer: '#/commit_at', message }]);
    });
  }

  it('takes the last day of February in a leap year', () => {
    const leapDay = '2028-02-29T00:00:00Z';
    expect(createdFrom({ commit_at: leapDay }).commit_at).to.equal('2028-02-29T00:00:00.000Z');
  });

  for (const text of ['{"a": [1, 2]}', 'null', ' 1 ', '', "{'a': 1}", '{canary: 10}', '--flag']) {
    it(`takes any text as pipeline_extra_params, unchanged: ${JSON.stringify(text)}`, () => {
      expect(createdFrom({ pipeline_extra_params: text }).pipeline_extra_params).to.equal(text);
    });
  }
});
