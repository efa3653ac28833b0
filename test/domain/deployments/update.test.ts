import { expect } from 'chai';
import type {
  DeploymentUpdate,
  StoredDeployment,
} from '../../../src/domain/deployments/deployment.js';
import type { ChangeSet } from '../../../src/domain/changes.js';
import type { Decided } from '../../../src/domain/decision.js';
import { requireFields, update } from '../../../src/domain/deployments/update.js';
import type { Update } from '../../../src/domain/deployments/update.js';
import { decideOver } from '../../support/reference-reads.js';
import { caller, instantOf, storedDeployment } from '../../support/stored.js';
import { refused } from '../../support/refused.js';

const later = instantOf(100);

function decide(target: StoredDeployment, fields: DeploymentUpdate): Decided<Update> {
  const command = { id: target.deployment.id, fields, caller, precondition: () => undefined };
  return decideOver({ deployments: [target] }, update(command, later));
}

function change(target: StoredDeployment, request: DeploymentUpdate): ChangeSet {
  return decide(target, request).changes;
}

/** The target after a change. */
function changed(target: StoredDeployment, request: DeploymentUpdate): StoredDeployment {
  const { result } = decide(target, request);
  expect(result.changed).to.equal(true);
  return result.stored;
}

describe('update', () => {
  it('refuses a request that names no field', () => {
    const refusal = refused(() => {
      requireFields({});
    });

    expect(refusal).to.include({ code: 'nothing-to-update', message: 'No fields to update' });
  });

  for (const request of [
    { status: 'failed' },
    { notes: null },
    { deployment_uri: null },
  ] as const) {
    it(`takes a request with nothing but ${Object.keys(request).join()}`, () => {
      expect(() => {
        requireFields(request);
      }).not.to.throw();
    });
  }

  const annotated = storedDeployment(1, {
    status: 'failed',
    notes: 'old',
    deployment_uri: 'https://example.test/old',
  });

  const repetitions: [string, DeploymentUpdate][] = [
    ['nothing', {}],
    ['its own status', { status: 'failed' }],
    ['its own notes', { notes: 'old' }],
    ['its own deployment_uri', { deployment_uri: 'https://example.test/old' }],
    [
      'all that it has',
      { status: 'failed', notes: 'old', deployment_uri: 'https://example.test/old' },
    ],
  ];
  for (const [what, request] of repetitions) {
    it(`changes nothing when asked for ${what}`, () => {
      expect(change(annotated, request)).to.deep.equal({});
    });
  }

  it('changes nothing when null is repeated', () => {
    const request = { notes: null, deployment_uri: null };

    expect(change(storedDeployment(1), request)).to.deep.equal({});
  });

  const changes: DeploymentUpdate[] = [
    { status: 'skipped' },
    { notes: 'new' },
    { notes: '' },
    { notes: null },
    { deployment_uri: 'https://example.test/new' },
    { deployment_uri: null },
    { status: 'failed', notes: 'new' },
    { status: 'scheduled', notes: null, deployment_uri: null },
  ];
  for (const request of changes) {
    it(`changes exactly what ${JSON.stringify(request)} names, and counts the revision`, () => {
      const target = { ...annotated, revision: 7 };

      expect(change(target, request).deployments?.updated).to.deep.equal([
        {
          from: 7,
          to: {
            deployment: { ...annotated.deployment, ...request, updated_at: later },
            revision: 8,
            everDeployed: false,
          },
        },
      ]);
    });
  }

  it('leaves what it was given as it was', () => {
    const before = structuredClone(annotated);

    change(annotated, { status: 'scheduled', notes: null });

    expect(annotated).to.deep.equal(before);
  });

  it('records a change of status, once', () => {
    const request = { status: 'in_progress', notes: 'new' } as const;

    expect(change(annotated, request).events).to.deep.equal([
      {
        deploymentId: annotated.deployment.id,
        revision: 2,
        event: {
          occurred_at: later,
          from_status: 'failed',
          to_status: 'in_progress',
          cause: 'request',
          cause_deployment_id: null,
          actor: 'octocat',
          repository: 'acme/checkout',
          workflow: 'release',
        },
      },
    ]);
  });

  it('records nothing when the status stays', () => {
    const changeSet = change(annotated, { status: 'failed', notes: 'new' });

    expect(changeSet.deployments?.updated).to.have.length(1);
    expect(changeSet.events).to.deep.equal([]);
  });

  it('remembers for good that a deployment was deployed', () => {
    const deployed = changed(storedDeployment(1), { status: 'deployed' });
    const failed = changed(deployed, { status: 'failed' });
    const retried = changed(failed, { status: 'scheduled' });

    const memories = [deployed, failed, retried].map(({ everDeployed }) => everDeployed);
    expect(memories).to.deep.equal([true, true, true]);
  });

  it('does not hold a deployment for deployed that never was', () => {
    expect(changed(storedDeployment(1), { status: 'in_progress' }).everDeployed).to.equal(false);
  });

  it('refuses what the life table does not allow, whatever else is asked for', () => {
    const target = storedDeployment(1, { status: 'skipped' });
    const refusal = refused(() => change(target, { status: 'deployed', notes: 'new' }));

    expect(refusal.code).to.equal('transition-not-allowed');
  });
});
