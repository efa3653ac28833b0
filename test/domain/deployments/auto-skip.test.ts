import { expect } from 'chai';
import { deploymentsToSkip } from '../../../src/domain/deployments/auto-skip.js';
import type { Deployment } from '../../../src/domain/deployments/deployment.js';
import { update } from '../../../src/domain/deployments/update.js';
import { caller, idOf, instantOf, storedDeployment } from '../../support/stored.js';

const present = { cloud_account_id: 'acme-prod', region: 'europe-west1', cell: 'cell-1' };
const deployed = storedDeployment(5, { ...present, status: 'in_progress' });

/** What becomes of a `scheduled` deployment of the same taxonomy that is older, but for some fields. */
const table: [string, Partial<Deployment>, 'skipped' | 'stays'][] = [
  ['an older one', {}, 'skipped'],
  ['a newer one', { id: idOf(6), created_at: instantOf(6) }, 'stays'],
  ['one of the same millisecond with a lower id', { created_at: instantOf(5) }, 'skipped'],
  [
    'one of the same millisecond with a higher id',
    { created_at: instantOf(5), id: idOf(6) },
    'stays',
  ],
  ['an older one with a higher id', { id: idOf(6) }, 'skipped'],
  ['a newer one with a lower id', { created_at: instantOf(6) }, 'stays'],
  ['the deployment itself', { id: idOf(5), created_at: instantOf(5) }, 'stays'],
  ["another organisation's", { organisation: 'globex' }, 'stays'],
  ['one of another name', { name: 'basket' }, 'stays'],
  ['one of another environment', { environment: 'staging' }, 'stays'],
  ['one of another provider', { provider: 'aws' }, 'stays'],
  ['one of another cloud account', { cloud_account_id: 'acme-dev' }, 'stays'],
  ['one of another region', { region: 'europe-west2' }, 'stays'],
  ['one of another cell', { cell: 'cell-2' }, 'stays'],
  ['one without a cloud account', { cloud_account_id: null }, 'stays'],
  ['one without a region', { region: null }, 'stays'],
  ['one without a cell', { cell: null }, 'stays'],
  ['one of another version and type', { version: '9.9.9', type: 'terraform' }, 'skipped'],
  ['one that is not automatic', { auto: false, trigger: 'manual' }, 'skipped'],
  ['a rollback', { auto: false, trigger: 'rollback' }, 'skipped'],
  ['one that is in progress', { status: 'in_progress' }, 'stays'],
  ['one that is deployed', { status: 'deployed' }, 'stays'],
  ['one that has failed', { status: 'failed' }, 'stays'],
  ['one that is skipped already', { status: 'skipped' }, 'stays'],
];

describe('auto-skip', () => {
  for (const [what, fields, outcome] of table) {
    it(`${outcome === 'skipped' ? 'skips' : 'leaves'} ${what}`, () => {
      const candidate = storedDeployment(4, { ...present, ...fields });

      const expected = outcome === 'skipped' ? [candidate] : [];
      expect(deploymentsToSkip(deployed.deployment, [candidate])).to.deep.equal(expected);
    });
  }

  it('holds absent parts for equal', () => {
    const older = storedDeployment(1);

    expect(deploymentsToSkip(storedDeployment(2).deployment, [older])).to.deep.equal([older]);
  });

  it('comes with a deployment becoming deployed, in the same set of changes', () => {
    const older = [1, 2].map((number) => storedDeployment(number, { ...present, revision: 3 }));
    const newer = storedDeployment(6, present);
    const at = instantOf(9);

    const changes = update(
      { target: deployed, scheduled: [...older, newer] },
      { status: 'deployed' },
      caller,
      at,
    );

    expect(changes.updated).to.deep.equal([
      {
        deployment: { ...deployed.deployment, status: 'deployed', updated_at: at },
        revision: 2,
        everDeployed: true,
      },
      ...older.map(({ deployment }) => ({
        deployment: { ...deployment, status: 'skipped', updated_at: at },
        revision: 4,
        everDeployed: false,
      })),
    ]);
    const who = { actor: 'octocat', repository: 'acme/checkout', workflow: 'release' };
    const skip = { from_status: 'scheduled', to_status: 'skipped', cause: 'auto_skip' };
    const cause = { from_status: 'in_progress', to_status: 'deployed', cause: 'request' };
    expect(changes.events).to.deep.equal([
      {
        deploymentId: idOf(5),
        event: { occurred_at: at, ...cause, cause_deployment_id: null, ...who },
      },
      ...[1, 2].map((number) => ({
        deploymentId: idOf(number),
        event: { occurred_at: at, ...skip, cause_deployment_id: idOf(5), ...who },
      })),
    ]);
  });

  for (const status of ['failed', 'skipped', 'scheduled'] as const) {
    it(`does not come with a deployment becoming ${status}`, () => {
      const slice = { target: deployed, scheduled: [storedDeployment(1, present)] };
      const changes = update(slice, { status }, caller, instantOf(9));

      expect(changes.updated.map(({ deployment }) => deployment.id)).to.deep.equal([idOf(5)]);
      expect(changes.events).to.have.length(1);
    });
  }

  it('does not come again when deployed is repeated', () => {
    const target = storedDeployment(5, { ...present, status: 'deployed' });
    const slice = { target, scheduled: [storedDeployment(1, present)] };

    const changes = update(slice, { status: 'deployed', notes: 'new' }, caller, instantOf(9));

    expect(changes.updated.map(({ deployment }) => deployment.id)).to.deep.equal([idOf(5)]);
  });

  it('keeps in mind that a skipped deployment was once deployed', () => {
    const retried = storedDeployment(1, { ...present, everDeployed: true });
    const slice = { target: deployed, scheduled: [retried] };

    const changes = update(slice, { status: 'deployed' }, caller, instantOf(9));

    expect(changes.updated[1]?.everDeployed).to.equal(true);
  });
});
