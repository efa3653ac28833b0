import { expect } from 'chai';
import { create } from '../../../src/domain/deployments/create.js';
import type { Deployment, DeploymentCreate } from '../../../src/domain/deployments/deployment.js';
import { caller, idOf, instantOf } from '../../support/stored.js';
import { refused } from '../../support/refused.js';

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
  description: 'Faster basket',
  notes: 'Watch the error rate',
  build_uri: 'https://example.test/build',
  deployment_uri: 'https://example.test/run',
  resource: 'deployment/checkout',
  pipeline_extra_params: '{"canary": 10}',
};

function createdFrom(fields: Partial<DeploymentCreate> = {}, by = caller): Deployment {
  return create({ ...minimal, ...fields }, by, newIdentity).result.deployment;
}

describe('create', () => {
  it('registers what is said, as scheduled, and leaves the rest null', () => {
    expect(createdFrom()).to.deep.equal({
      id: newIdentity.id,
      created_at: newIdentity.at,
      updated_at: newIdentity.at,
      organisation: 'acme',
      ...minimal,
      cloud_account_id: null,
      region: null,
      cell: null,
      auto: true,
      commit_sha: null,
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

  it('starts at revision 1, never deployed, and changes nothing else', () => {
    const { changes, result } = create(minimal, caller, newIdentity);

    expect(result).to.include({ revision: 1, everDeployed: false });
    expect(Object.keys(changes)).to.have.members(['deployments', 'events']);
    expect(changes.deployments).to.deep.equal({ created: [result] });
  });

  it('records the registration', () => {
    expect(create(minimal, caller, newIdentity).changes.events).to.deep.equal([
      {
        deploymentId: newIdentity.id,
        revision: 1,
        event: {
          occurred_at: newIdentity.at,
          from_status: null,
          to_status: 'scheduled',
          cause: 'request',
          cause_deployment_id: null,
          actor: 'octocat',
          repository: 'acme/checkout',
          workflow: 'release',
        },
      },
    ]);
  });

  for (const text of ['{"a": [1, 2]}', '[]', '10', '-1.5e3', '"text"', 'true', 'null', ' 1 ']) {
    it(`takes the JSON text ${text} as pipeline_extra_params, unchanged`, () => {
      expect(createdFrom({ pipeline_extra_params: text }).pipeline_extra_params).to.equal(text);
    });
  }

  for (const text of ['', ' ', '{', "{'a': 1}", '{"a": 1,}', 'undefined', 'NaN', '1 2', '{}}']) {
    it(`refuses ${JSON.stringify(text)} as pipeline_extra_params`, () => {
      const refusal = refused(() => createdFrom({ pipeline_extra_params: text }));

      expect(refusal.code).to.equal('contract-violation');
      expect(refusal.details.violations).to.deep.equal([
        {
          pointer: '#/pipeline_extra_params',
          message: 'must be JSON text, such as {"canary": 10}',
        },
      ]);
    });
  }
});
