import type { Deployment, StoredDeployment } from './deployment.js';
import { compareAge } from './order.js';
import { taxonomyKey } from './taxonomy.js';

/**
 * Which deployments are skipped when one becomes `deployed`: the older `scheduled` ones of its
 * taxonomy. Newer ones stay, since they are still to come.
 */
export function deploymentsToSkip(
  deployed: Deployment,
  candidates: readonly StoredDeployment[],
): StoredDeployment[] {
  const key = taxonomyKey(deployed);
  return candidates.filter(
    ({ deployment }) =>
      deployment.status === 'scheduled' &&
      compareAge(deployment, deployed) < 0 &&
      taxonomyKey(deployment) === key,
  );
}
