import type { Identity, Caller, ChangeSet, Deployment, StoredDeployment } from './deployment.js';
import { recordEvent } from './events.js';
import { isReleased } from './lifecycle.js';
import { compareAge } from './order.js';
import { requireEnvironment } from '../callers/permission.js';
import { ApplicationError } from '../errors.js';
import { describeTaxonomy } from './taxonomy.js';
import type { Taxonomy } from './taxonomy.js';

/** What a rollback is asked for: whatever runs in a taxonomy, or one deployment of it. */
export interface RollbackRequest {
  readonly taxonomy: Taxonomy;
  /** The deployment to replace; absent, the newest released one. */
  readonly from?: Deployment | undefined;
  /** The version to return to; absent, the last good one before. */
  readonly targetVersion?: string | undefined;
}

/**
 * Creates the deployment that rolls back.
 *
 * @param members the deployments of the taxonomy, in any order; those may be left out that cannot
 *   change the decision, which is what a store does
 * @throws ApplicationError `rollback-source-not-found`, `rollback-not-allowed`, `rollback-pending`,
 *   `forbidden` when the caller is bound to another environment
 */
export function rollback(
  members: readonly StoredDeployment[],
  request: RollbackRequest,
  caller: Caller,
  { id, at }: Identity,
): ChangeSet {
  requireEnvironment(caller, request.taxonomy.environment);
  const newestFirst = [...members].sort((a, b) => compareAge(b.deployment, a.deployment));
  const from = chooseFrom(newestFirst, request);
  refuseWhilePending(newestFirst, from);
  const source = chooseSource(newestFirst, from, request.targetVersion);

  const deployment: Deployment = {
    ...source,
    id,
    created_at: at,
    updated_at: at,
    status: 'scheduled',
    trigger: 'rollback',
    auto: false,
    deployment_uri: null,
    notes: `Rollback from ${from.version} (${from.id}) to ${source.version} (${source.id})`,
    source_deployment_id: source.id,
    rollback_from_deployment_id: from.id,
    created_by_repo: caller.repository,
    created_by_workflow: caller.workflow,
    created_by_actor: caller.actor,
  };
  const cause = { cause: 'rollback', deploymentId: from.id } as const;
  return {
    created: [{ deployment, revision: 1, everDeployed: false }],
    updated: [],
    events: [recordEvent(deployment, null, cause, caller, at)],
  };
}

function chooseFrom(
  newestFirst: readonly StoredDeployment[],
  request: RollbackRequest,
): Deployment {
  const running = newestFirst.find(({ deployment }) => isReleased(deployment.status))?.deployment;
  const { from } = request;
  if (from === undefined) {
    if (running !== undefined) return running;
    throw new ApplicationError(
      'rollback-source-not-found',
      `No previous deployment to rollback to: nothing is released for ${describeTaxonomy(request.taxonomy)}`,
    );
  }
  if (running?.id === from.id) return running;
  const reason = isReleased(from.status)
    ? `Deployment ${from.id} is not the newest that was released`
    : `Deployment ${from.id} is ${from.status}, so there is nothing of it to roll back`;
  const instead =
    running === undefined
      ? 'nothing runs there'
      : `${running.version} (${running.id}, ${running.status}) runs there`;
  throw new ApplicationError('rollback-not-allowed', `${reason}; ${instead}`);
}

function refuseWhilePending(newestFirst: readonly StoredDeployment[], from: Deployment): void {
  const pending = newestFirst.find(
    ({ deployment: { rollback_from_deployment_id: replaced, status } }) =>
      replaced === from.id && (status === 'scheduled' || status === 'in_progress'),
  )?.deployment;
  if (pending === undefined) return;
  throw new ApplicationError(
    'rollback-pending',
    `Deployment ${from.id} is already being rolled back by ${pending.id}, which is ${pending.status}`,
  );
}

/**
 * What is copied. Without a target, a version that was found bad is not returned to: neither by the
 * deployment that was rolled back from, nor by an older one of the same version. One that was
 * deployed after that is good again.
 */
function chooseSource(
  newestFirst: readonly StoredDeployment[],
  from: Deployment,
  targetVersion: string | undefined,
): Deployment {
  if (targetVersion !== undefined) {
    const target = newestFirst.find(
      ({ deployment, everDeployed }) =>
        everDeployed && deployment.version === targetVersion && deployment.id !== from.id,
    );
    if (target !== undefined) return target.deployment;
    throw new ApplicationError(
      'rollback-source-not-found',
      `No deployment found with version ${targetVersion}`,
    );
  }
  const rolledBack = new Set(
    newestFirst.map(({ deployment }) => deployment.rollback_from_deployment_id),
  );
  const foundBad = newestFirst.filter(({ deployment }) => rolledBack.has(deployment.id));
  const previous = newestFirst.find(
    ({ deployment }) =>
      compareAge(deployment, from) < 0 &&
      deployment.status === 'deployed' &&
      deployment.version !== from.version &&
      !foundBad.some(
        ({ deployment: bad }) =>
          bad.version === deployment.version && compareAge(bad, deployment) >= 0,
      ),
  );
  if (previous !== undefined) return previous.deployment;
  throw new ApplicationError('rollback-source-not-found', 'No previous deployment to rollback to');
}
