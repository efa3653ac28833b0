import { expect } from 'chai';
import type {
  DeploymentUpdate,
  StoredDeployment,
} from '../../../src/domain/deployments/deployment.js';
import type { ChangeSet } from '../../../src/domain/changes.js';
import type { Decided } from '../../../src/domain/decision.js';
import { attemptAfter } from '../../../src/domain/deployments/lifecycle.js';
import { requireFields, update } from '../../../src/domain/deployments/update.js';
import type { Update } from '../../../src/domain/deployments/update.js';
import { bytesOf } from '../../../src/domain/usage/usage.js';
import { decideOver } from '../../support/reference-reads.js';
import { caller, idOf, instantOf, storedDeployment } from '../../support/stored.js';
import { refused } from '../../support/refused.js';

const later = instantOf(100);

function decide(target: StoredDeployment, fields: DeploymentUpdate): Decided<Update> {
  const command = { id: target.deployment.id, fields, caller, precondition: () => undefined };
  const { changes, result } = decideOver({ deployments: [target] }, update(command, later));
  if ('lost' in result) throw result.lost;
  return { changes, result };
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
      const target = { ...annotated, revision: 7, baseId: idOf(3) };
      const { status: to } = request;
      const attempt = to === undefined ? {} : attemptAfter(annotated.deployment, to, later);

      const after = {
        deployment: { ...annotated.deployment, ...request, ...attempt, updated_at: later },
        revision: 8,
        baseId: idOf(3),
      };
      const growth = bytesOf(after) - bytesOf(target);
      expect(change(target, request).deployments?.updated).to.deep.equal([
        { from: 7, to: after, growth },
      ]);
    });
  }

  it('leaves what it was given as it was', () => {
    const before = structuredClone(annotated);

    change(annotated, { status: 'scheduled', notes: null });

    expect(annotated).to.deep.equal(before);
  });

  const told: [DeploymentUpdate, to: string, changed: string[]][] = [
    [{ status: 'in_progress' }, 'in_progress', ['status']],
    [{ notes: 'new' }, 'failed', ['notes']],
    [{ notes: null }, 'failed', ['notes']],
    [{ deployment_uri: null }, 'failed', ['deployment_uri']],
    [{ deployment_uri: null, notes: 'new' }, 'failed', ['notes', 'deployment_uri']],
    [{ status: 'failed', notes: 'new' }, 'failed', ['notes']],
    [{ status: 'deployed', notes: 'old' }, 'deployed', ['status']],
    [
      { deployment_uri: 'https://example.test/new', notes: null, status: 'in_progress' },
      'in_progress',
      ['status', 'notes', 'deployment_uri'],
    ],
  ];
  for (const [request, to, fields] of told) {
    it(`records that ${JSON.stringify(request)} changed ${fields.join(', ')}`, () => {
      expect(change({ ...annotated, revision: 7 }, request).events).to.deep.equal([
        {
          organisation: annotated.deployment.organisation,
          deploymentId: annotated.deployment.id,
          event: {
            revision: 8,
            type: 'changed',
            occurred_at: later,
            from_status: 'failed',
            to_status: to,
            changed: fields,
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
          },
        },
      ]);
    });
  }

  it('remembers when a deployment was deployed last, whatever it is afterwards', () => {
    const deployed = changed(storedDeployment(1), { status: 'deployed' });
    const failed = changed(deployed, { status: 'failed' });
    const retried = changed(failed, { status: 'scheduled' });
    const cancelled = changed(retried, { status: 'cancelled' });

    const all = [deployed, failed, retried, cancelled];
    expect(all.map(({ deployment }) => deployment.deployed_at)).to.deep.equal(all.map(() => later));
  });

  it('does not touch the instants of an attempt when the status stays', () => {
    const { deployment } = changed(annotated, { status: 'failed', notes: 'new' });

    const { started_at, finished_at, deployed_at } = annotated.deployment;
    expect(deployment).to.include({ started_at, finished_at, deployed_at });
    expect(started_at).to.equal(instantOf(1));
  });

  it('refuses what the life table does not allow, whatever else is asked for', () => {
    const target = storedDeployment(1, { status: 'skipped' });
    const refusal = refused(() => change(target, { status: 'deployed', notes: 'new' }));

    expect(refusal.code).to.equal('transition-not-allowed');
  });

  describe('of a rollback', () => {
    const replaced = storedDeployment(1, { status: 'deployed' });
    const undo = storedDeployment(2, {
      trigger: 'rollback',
      status: 'in_progress',
      rollback_from_deployment_id: replaced.deployment.id,
    });
    const changesOf = (from: StoredDeployment, by: StoredDeployment, fields: DeploymentUpdate) => {
      const command = { id: by.deployment.id, fields, caller, precondition: () => undefined };
      return decideOver({ deployments: [from, by] }, update(command, later)).changes;
    };

    it('counts against what it replaces once it is deployed', () => {
      expect(changesOf(replaced, undo, { status: 'deployed' }).rolledBack).to.deep.equal([
        replaced,
      ]);
    });

    for (const status of ['failed', 'cancelled', 'skipped', 'scheduled', 'in_progress'] as const) {
      it(`does not count while it is ${status}`, () => {
        const before = status === 'in_progress' ? 'scheduled' : 'in_progress';
        const by = storedDeployment(2, { ...undo.deployment, status: before });

        const changes = changesOf(replaced, by, { status });

        expect(changes.deployments?.updated).to.have.length(1);
        expect(changes.rolledBack).to.equal(undefined);
      });
    }

    it('does not count a second time when deployed is repeated', () => {
      const by = storedDeployment(2, { ...undo.deployment, status: 'deployed' });

      const changes = changesOf(replaced, by, { status: 'deployed', notes: 'new' });

      expect(changes.rolledBack).to.equal(undefined);
    });

    it('does not count against what was never deployed', () => {
      const failed = storedDeployment(1, { status: 'failed' });

      expect(changesOf(failed, undo, { status: 'deployed' }).rolledBack).to.equal(undefined);
    });
  });
});
