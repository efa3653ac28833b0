import type { Slice, SliceData } from '../decision.js';
import { look } from '../decision.js';
import type { Deployment, StoredDeployment } from '../deployments/deployment.js';
import { compareAge } from '../deployments/order.js';
import { taxonomyKey } from '../deployments/taxonomy.js';
import { ApplicationError } from '../errors.js';
import { findLastDeployed } from './estimate.js';
import type { LastDeployed } from './estimate.js';

/**
 * Refuses to start what is over, what runs already, and what a newer one has made needless. What failed may be
 * tried again, unless a newer one of its taxonomy was deployed since it began.
 *
 * @param by the newer one that still has to skip it, if there is one
 * @param known what was deployed there last, where that has been read
 * @throws ApplicationError `claim-not-allowed`, `claim-superseded`
 */
export function* requireClaimable(
  { deployment }: StoredDeployment,
  by: StoredDeployment | undefined,
  known: LastDeployed | undefined,
): Generator<Slice, void, SliceData<Slice>> {
  const { id, status } = deployment;
  switch (status) {
    case 'scheduled':
      if (by !== undefined) throw superseded(deployment, by.deployment);
      return;
    case 'failed': {
      const since = deployment.started_at ?? deployment.created_at;
      const deployed = yield* findLastDeployed(taxonomyKey(deployment), known);
      const newer = deployed.find(
        ({ stored: { deployment: other } }) =>
          compareAge(other, deployment) > 0 && (other.deployed_at ?? '') >= since,
      );
      if (newer !== undefined) throw superseded(deployment, newer.stored.deployment);
      return;
    }
    case 'skipped': {
      const { skipped } = yield* look({ skipped: { read: 'eventTo', id, status } as const });
      const newerId = skipped?.cause_deployment_id ?? undefined;
      const { newer } = yield* look({
        newer: newerId === undefined ? undefined : ({ read: 'deployment', id: newerId } as const),
      });
      if (newer !== undefined) throw superseded(deployment, newer.deployment);
      throw notAllowed(deployment, 'it was skipped; change it to scheduled to take it up again');
    }
    case 'in_progress':
      throw notAllowed(
        deployment,
        'it is in progress without a lease; change it to scheduled to have it started anew',
      );
    case 'cancelled':
      throw notAllowed(deployment, 'it is over; change it to scheduled to take it up again');
    default:
      throw notAllowed(deployment, 'it is over');
  }
}

function superseded({ id, status }: Deployment, newer: Deployment): ApplicationError {
  return new ApplicationError(
    'claim-superseded',
    `Deployment ${id} (${status}) was superseded by ${newer.version} (${newer.id}), which is newer and was deployed`,
  );
}

function notAllowed({ id, status }: Deployment, why: string): ApplicationError {
  return new ApplicationError(
    'claim-not-allowed',
    `Deployment ${id} is ${status} and cannot be claimed: ${why}`,
  );
}
