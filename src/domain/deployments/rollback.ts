import type { Caller } from '../callers/caller.js';
import { requireEnvironment } from '../callers/caller.js';
import type { Decision, Slice, SliceData } from '../decision.js';
import { look } from '../decision.js';
import { ApplicationError, deploymentNotFound } from '../errors.js';
import { firstState } from './deployment.js';
import type { Deployment, Identity, StoredDeployment } from './deployment.js';
import { recordEvent } from './events.js';
import { isReleased } from './lifecycle.js';
import { compareAge } from './order.js';
import type { Candidate, Place } from './reads.js';
import { describeTaxonomy, taxonomyKey } from './taxonomy.js';
import type { Taxonomy } from './taxonomy.js';

/** What is to be rolled back: whatever runs in a taxonomy, or one deployment. */
export type RollbackSelector = { readonly taxonomy: Taxonomy } | { readonly id: string };

/** What a rollback is asked for. */
export interface RollbackRequest {
  readonly selector: RollbackSelector;
  /** The version to return to; absent, the last good one before. */
  readonly targetVersion?: string | undefined;
}

/** How many deployments that may be returned to are looked at together. */
const pageLimit = 20;
/** How many versions that were found bad are passed over in the search for a good one. */
const maxPassedOver = 200;

/**
 * Creates the deployment that rolls back.
 *
 * @throws ApplicationError `deployment-not-found`, `rollback-source-not-found`, `rollback-not-allowed`,
 *   `rollback-pending`, `forbidden` when the caller is bound to another environment
 */
export function* rollback(
  { selector, targetVersion }: RollbackRequest,
  caller: Caller,
  { id, at }: Identity,
): Decision<StoredDeployment> {
  const place: Place =
    'id' in selector ? { id: selector.id } : { key: taxonomyKey(selector.taxonomy) };
  const found = yield* look({
    selected: 'id' in selector ? { read: 'deployment', id: selector.id } : undefined,
    released: { read: 'released', place },
    open: { read: 'openRollbacks', place },
    candidates:
      targetVersion === undefined
        ? { read: 'candidates', place, otherThan: [], limit: pageLimit }
        : undefined,
    ofVersion:
      targetVersion === undefined
        ? undefined
        : { read: 'ofVersion', place, version: targetVersion, limit: 2 },
  });
  const selected = found.selected?.deployment;
  const taxonomy = 'id' in selector ? selected : selector.taxonomy;
  if (taxonomy === undefined) throw deploymentNotFound('id' in selector ? selector.id : '');
  requireEnvironment(caller, taxonomy.environment);
  const from = chooseFrom(found.released, taxonomy, selected);
  refuseWhilePending(found.open, from.deployment);
  const source =
    targetVersion === undefined
      ? yield* chooseSource(place, from.deployment, found.candidates ?? [])
      : chooseVersion(found.ofVersion ?? [], from.deployment, targetVersion);

  const stored = firstState({
    ...source,
    id,
    created_at: at,
    updated_at: at,
    status: 'scheduled',
    trigger: 'rollback',
    auto: false,
    deployment_uri: null,
    notes: describeRollback(from.deployment, source),
    source_deployment_id: source.id,
    rollback_from_deployment_id: from.deployment.id,
    created_by_repo: caller.repository,
    created_by_workflow: caller.workflow,
    created_by_actor: caller.actor,
  });
  const cause = { cause: 'rollback', deploymentId: from.deployment.id } as const;
  return {
    changes: {
      deployments: { created: [stored], unchanged: [from] },
      events: [recordEvent(stored, null, cause, caller, at)],
      rolledBack: [from],
    },
    result: stored,
  };
}

function describeRollback(from: Deployment, source: Deployment): string {
  return `Rollback from ${from.version} (${from.id}) to ${source.version} (${source.id})`;
}

/**
 * What is replaced: the newest that has been released.
 *
 * @param selected the deployment that the caller named by its id
 */
function chooseFrom(
  released: readonly StoredDeployment[],
  taxonomy: Taxonomy,
  selected: Deployment | undefined,
): StoredDeployment {
  const [running] = [...released].sort((a, b) => compareAge(b.deployment, a.deployment));
  if (selected === undefined) {
    if (running !== undefined) return running;
    throw new ApplicationError(
      'rollback-source-not-found',
      `No previous deployment to rollback to: nothing is released for ${describeTaxonomy(taxonomy)}`,
    );
  }
  if (running?.deployment.id === selected.id) return running;
  const reason = isReleased(selected.status)
    ? `Deployment ${selected.id} is not the newest that was released`
    : `Deployment ${selected.id} is ${selected.status}, so there is nothing of it to roll back`;
  throw new ApplicationError('rollback-not-allowed', `${reason}; ${describeRunning(running)}`);
}

function describeRunning(running: StoredDeployment | undefined): string {
  if (running === undefined) return 'nothing runs there';
  const { version, id, status } = running.deployment;
  return `${version} (${id}, ${status}) runs there`;
}

function refuseWhilePending(open: readonly StoredDeployment[], from: Deployment): void {
  const pending = open.find(
    ({ deployment }) => deployment.rollback_from_deployment_id === from.id,
  )?.deployment;
  if (pending === undefined) return;
  throw new ApplicationError(
    'rollback-pending',
    `Deployment ${from.id} is already being rolled back by ${pending.id}, which is ${pending.status}`,
  );
}

/** The newest of a version that has ever been deployed, other than what is replaced. */
function chooseVersion(
  ofVersion: readonly StoredDeployment[],
  from: Deployment,
  version: string,
): Deployment {
  const target = ofVersion.find(({ deployment }) => deployment.id !== from.id);
  if (target !== undefined) return target.deployment;
  throw new ApplicationError(
    'rollback-source-not-found',
    `No deployment found with version ${version}`,
  );
}

/**
 * The last good one before what is replaced. A version that was found bad is not returned to: neither by
 * the deployment that was rolled back from, nor by an older one of the same version. One that was
 * deployed after that is good again.
 *
 * @param page the newest candidates, with those that are newer than what is replaced
 */
function* chooseSource(
  place: Place,
  from: Deployment,
  page: readonly Candidate[],
): Generator<Slice, Deployment, SliceData<Slice>> {
  const passedOver = new Set([from.version]);
  let candidates = page;
  for (;;) {
    for (const { stored, rolledBack } of candidates) {
      const { deployment } = stored;
      if (passedOver.has(deployment.version) || compareAge(deployment, from) >= 0) continue;
      const bad = rolledBack !== undefined && compareAge(rolledBack, deployment) >= 0;
      if (!bad) return deployment;
      passedOver.add(deployment.version);
    }
    const last = candidates.at(-1)?.stored.deployment;
    if (last === undefined || candidates.length < pageLimit) {
      throw new ApplicationError(
        'rollback-source-not-found',
        'No previous deployment to rollback to',
      );
    }
    if (passedOver.size > maxPassedOver) {
      throw new ApplicationError(
        'rollback-source-not-found',
        `The last ${maxPassedOver} versions before ${from.version} were all found bad; name one as target_version`,
      );
    }
    const before = compareAge(last, from) < 0 ? last : from;
    const otherThan = [...passedOver];
    ({ candidates } = yield* look({
      candidates: { read: 'candidates', place, before, otherThan, limit: pageLimit } as const,
    }));
  }
}
