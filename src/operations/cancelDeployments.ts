import type { Deployment } from '../domain/deployments/deployment.js';
import type { ListFilter } from '../domain/deployments/reads.js';
import { ApplicationError } from '../domain/errors.js';
import {
  cancel,
  maxCancelledAtOnce,
  requireCount,
  requireMayCancel,
} from '../domain/queue/cancel.js';
import { inLowerCase } from './selector.js';
import type { Operation, OperationContext, OperationResponse } from './operation.js';

/** How many deployments are cancelled with one call. */
const maxCancelled = 1_000;

/** Cancels what waits or runs, and is what the selector says. */
export const cancelDeployments: Operation<'cancelDeployments'> = async ({ body }, context) => {
  const { caller, store, metrics } = context;
  const { selector, reason = null, dry_run: isDryRun = false, expected_count: expected } = body;
  const filter: ListFilter = { ...inLowerCase(selector), status: ['scheduled', 'in_progress'] };
  const found = await store.read({ read: 'deployments', filter, limit: maxCancelled });
  if (found.more) {
    throw new ApplicationError(
      'cancel-count-differs',
      `There are more than the ${found.deployments.length} deployments that can be cancelled at once: narrow the selector`,
    );
  }
  await store.change('cancelDeployments', () => requireMayCancel(caller, found.deployments));
  if (isDryRun) return responseOf(found.deployments);
  requireCount(found.deployments.length, expected);
  const cancelled = await cancelAll(found.deployments, reason, context);
  for (const { status } of cancelled) metrics.deploymentUpdated(caller.organisation, status);
  return responseOf(cancelled);
};

/** Cancels them, environment by environment, a part at a time. */
async function cancelAll(
  deployments: readonly Deployment[],
  reason: string | null,
  { caller, store, clock }: OperationContext,
): Promise<Deployment[]> {
  const cancelled: Deployment[] = [];
  for (const environment of new Set(deployments.map((deployment) => deployment.environment))) {
    const ids = deployments
      .filter((deployment) => deployment.environment === environment)
      .map(({ id }) => id);
    for (let start = 0; start < ids.length; start += maxCancelledAtOnce) {
      const part = ids.slice(start, start + maxCancelledAtOnce);
      const command = { environment, ids: part, reason, caller };
      const stored = await store.change('cancelDeployments', () => cancel(command, clock.now()));
      cancelled.push(...stored.map(({ deployment }) => deployment));
    }
  }
  return cancelled;
}

function responseOf(deployments: readonly Deployment[]): OperationResponse<'cancelDeployments'> {
  return {
    status: 200,
    headers: {},
    body: { count: deployments.length, deployments: [...deployments] },
  };
}
