import type { Caller } from '../callers/caller.js';
import type { Decision, Slice, SliceData } from '../decision.js';
import { look } from '../decision.js';
import { ApplicationError, deploymentNotFound } from '../errors.js';
import { lockedBy } from '../gates/locks.js';
import { requireAccess } from '../policies/access.js';
import { isLive } from '../queue/lease.js';
import { firstState } from './lifecycle.js';
import { noApprovals } from './deployment.js';
import type { Deployment, Identity, StoredDeployment } from './deployment.js';
import { recordEvent, sourceOf } from './events.js';
import type { Candidate, DeployedPosition, Place, Running, Whereabouts } from './reads.js';
import { describeTaxonomy, taxonomyKey } from './taxonomy.js';
import type { Taxonomy } from './taxonomy.js';

/** What is to be rolled back: whatever runs in a taxonomy, or one deployment. */
export type RollbackSelector = { readonly taxonomy: Taxonomy } | { readonly id: string };

/** What a rollback is asked for. */
export interface RollbackRequest {
  readonly selector: RollbackSelector;
  /** The version to return to; absent, the last good one before. */
  readonly targetVersion?: string | undefined;
  /** What the caller says of why. */
  readonly reason?: string | null | undefined;
  /** Whether workers may start it. */
  readonly auto?: boolean | undefined;
  /** Whether nothing but rollbacks is to start there until somebody says so. */
  readonly lock?: boolean | undefined;
}

/** How many deployments that may be returned to are looked at together. */
export const pageLimit = 20;
/** How many versions that were found bad are passed over in the search for a good one. */
const maxPassedOver = 200;
/** How long notes may be. */
const maxNotes = 4_096;
/** How many places are named where a component is found elsewhere. */
const maxPlaces = 5;

/**
 * Creates the deployment that rolls back.
 *
 * @throws ApplicationError `deployment-not-found`, `rollback-source-not-found`, `rollback-not-allowed`,
 *   `rollback-pending`, `forbidden`, with a lock `gates-full`
 */
export function* rollback(
  { selector, targetVersion, reason = null, auto = false, lock = false }: RollbackRequest,
  caller: Caller,
  { id, at }: Identity,
): Decision<StoredDeployment> {
  const place: Place =
    'id' in selector ? { id: selector.id } : { key: taxonomyKey(selector.taxonomy) };
  const found = yield* look({
    selected: 'id' in selector ? { read: 'deployment', id: selector.id } : undefined,
    controls: { read: 'controls' },
    running: { read: 'running', place },
    pending: { read: 'pendingRollbacks', place },
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
  requireAccess({ caller, action: 'rollback', where: taxonomy }, found.controls);
  if (lock) requireAccess({ caller, action: 'lock', where: taxonomy }, found.controls);

  const from = chooseFrom(found.running, selected);
  if (from === undefined) {
    throw noSource(`nothing has run for ${describeTaxonomy(taxonomy)}`, yield* elsewhere(taxonomy));
  }
  refuseWhilePending(found.pending, from.stored.deployment);
  yield* refuseWhileHeld(from.stored.deployment, at);
  const source =
    targetVersion === undefined
      ? yield* chooseSource(place, from, found.candidates ?? [])
      : chooseVersion(found.ofVersion ?? [], from.stored.deployment, targetVersion);

  const replaced = from.stored.deployment;
  const { deployment } = source;
  const stored = firstState(
    {
      ...deployment,
      id,
      created_at: at,
      updated_at: at,
      started_at: null,
      finished_at: null,
      deployed_at: null,
      status: 'scheduled',
      trigger: 'rollback',
      auto,
      deployment_uri: null,
      notes: describeRollback(replaced, deployment, reason),
      source_deployment_id: deployment.id,
      rollback_from_deployment_id: replaced.id,
      created_by_repo: caller.repository,
      created_by_workflow: caller.workflow,
      created_by_actor: caller.actor,
      approvals: noApprovals,
    },
    source.baseId ?? deployment.id,
  );
  const cause = { cause: 'rollback', deploymentId: replaced.id, reason } as const;
  return {
    changes: {
      ...(lock
        ? {
            controls: lockedBy(
              stored.deployment,
              describeLock(replaced, reason),
              found.controls,
              caller,
            ),
          }
        : {
            controlsAt: { organisation: taxonomy.organisation, revision: found.controls.revision },
          }),
      deployments: { created: [stored], unchanged: [from.stored, source] },
      events: [recordEvent(undefined, stored, cause, sourceOf(caller), at)],
    },
    result: stored,
  };
}

function describeRollback(from: Deployment, source: Deployment, reason: string | null): string {
  const what = `Rollback from ${from.version} (${from.id}) to ${source.version} (${source.id})`;
  if (reason === null) return what;
  // Characters of Unicode, as the contract counts them.
  return Array.from(`${what}: ${reason}`).slice(0, maxNotes).join('');
}

/** Why a rollback locks its taxonomy. */
function describeLock({ version }: Deployment, reason: string | null): string {
  return `Rolled back from ${version}${reason === null ? '' : `: ${reason}`}`;
}

/** What runs in a taxonomy, of what `running` gives of it. */
export function whatRuns(found: readonly Running[]): Running | undefined {
  return found.find(({ stored }) => stored.deployment.status === 'in_progress') ?? found[0];
}

/**
 * What is replaced: what runs.
 *
 * @param selected the deployment that the caller named by its id
 * @throws ApplicationError `rollback-not-allowed` when that is not what runs
 */
function chooseFrom(
  found: readonly Running[],
  selected: Deployment | undefined,
): Running | undefined {
  const running = whatRuns(found);
  if (selected === undefined || running?.stored.deployment.id === selected.id) return running;
  const reason =
    selected.started_at === null
      ? `Deployment ${selected.id} is ${selected.status} and has not begun, so there is nothing of it to roll back`
      : `Deployment ${selected.id} is not what runs there`;
  throw new ApplicationError('rollback-not-allowed', `${reason}; ${describeRunning(running)}`);
}

function describeRunning(running: Running | undefined): string {
  if (running === undefined) return 'nothing runs there';
  const { version, id, status } = running.stored.deployment;
  return `${version} (${id}, ${status}) runs there`;
}

function refuseWhilePending(pending: readonly StoredDeployment[], from: Deployment): void {
  const other = pending.find(
    ({ deployment }) => deployment.rollback_from_deployment_id === from.id,
  )?.deployment;
  if (other === undefined) return;
  throw new ApplicationError(
    'rollback-pending',
    `Deployment ${from.id} is already being rolled back by ${other.id}, which is ${other.status}`,
  );
}

/** A rollback that somebody is carrying out is not overtaken; one that nobody holds is tried again. */
function* refuseWhileHeld(from: Deployment, at: string) {
  const { id, status, trigger } = from;
  if (status !== 'in_progress' || trigger !== 'rollback') return;
  const { entries } = yield* look({ entries: { read: 'ownEntries', id } as const });
  if (!isLive(entries?.lease, at)) return;
  throw new ApplicationError(
    'rollback-pending',
    `Deployment ${id} is itself a rollback, which is being carried out under a lease`,
  );
}

function noSource(reason: string, hint = ''): ApplicationError {
  return new ApplicationError(
    'rollback-source-not-found',
    `No previous deployment to rollback to: ${reason}${hint}`,
  );
}

/** Says where else a component is, for callers who have left out or misspelt a part of its taxonomy. */
function* elsewhere(taxonomy: Taxonomy): Generator<Slice, string, SliceData<Slice>> {
  const { name, environment, provider, cloud_account_id, region, cell } = taxonomy;
  const { places } = yield* look({
    places: { read: 'whereabouts', name, environment, limit: maxPlaces + 1 } as const,
  });
  const here = describePlace({ provider, cloud_account_id, region, cell });
  const others = places.map(describePlace).filter((place) => place !== here);
  if (others.length === 0)
    return places.length === 0 ? '' : '; what is registered there has not begun';
  return `; ${name} exists in ${environment} at ${others.slice(0, maxPlaces).join(', or at ')}`;
}

function describePlace(place: Whereabouts): string {
  return Object.entries(place)
    .flatMap(([part, value]) => (value === null ? [] : [`${part}=${value}`]))
    .join(', ');
}

/** The newest of a version that has ever been deployed, other than what is replaced. */
function chooseVersion(
  ofVersion: readonly StoredDeployment[],
  from: Deployment,
  version: string,
): StoredDeployment {
  const target = ofVersion.find(({ deployment }) => deployment.id !== from.id);
  if (target !== undefined) return target;
  throw new ApplicationError(
    'rollback-source-not-found',
    `No deployment found with version ${version}`,
  );
}

function* chooseSource(
  place: Place,
  from: Running,
  page: readonly Candidate[],
): Generator<Slice, StoredDeployment, SliceData<Slice>> {
  const { source, gaveUp } = yield* findSource(place, from, page);
  if (source !== undefined) return source;
  const { version } = from.stored.deployment;
  throw noSource(
    gaveUp
      ? `the last ${maxPassedOver} versions before ${version} were all found bad; name one as target_version`
      : `no other version was deployed before ${version}`,
  );
}

/** How far the last good one is searched for. */
export interface SearchBounds {
  /** How many candidates the first page has, unless there are no more. */
  readonly firstPage: number;
  /** How many versions that were found bad are passed over. */
  readonly passedOver: number;
}

/** What a rollback returns to. */
export interface FoundSource {
  readonly source: StoredDeployment | undefined;
  /** Whether there are more than were looked at. */
  readonly gaveUp: boolean;
}

/**
 * The last good one that was deployed before what is replaced.
 *
 * - A rollback stands at the place of what it copied, so a rollback from it goes further back from there.
 * - One that never became `deployed` is tried again: the same source.
 * - A version that was found bad is not returned to, neither as the deployment that was rolled back from nor
 *   as one that had been deployed before. One that was deployed after that is good again.
 *
 * @param page the candidates that were deployed last, some of them perhaps after what is replaced
 */
export function* findSource(
  place: Place,
  { stored: { deployment: from }, baseDeployedAt }: Running,
  page: readonly Candidate[],
  bounds: SearchBounds = { firstPage: pageLimit, passedOver: maxPassedOver },
): Generator<Slice, FoundSource, SliceData<Slice>> {
  if (from.deployed_at === null && from.source_deployment_id !== null) {
    const { source } = yield* look({
      source: { read: 'deployment', id: from.source_deployment_id } as const,
    });
    if (source !== undefined) return { source, gaveUp: false };
  }
  // What was never deployed is replaced by whatever was deployed last.
  const reference = from.deployed_at === null ? null : baseDeployedAt;
  const passedOver = new Set([from.version]);
  let candidates = page;
  let full = bounds.firstPage;
  for (;;) {
    for (const { stored, foundBadAt } of candidates) {
      const { version, deployed_at: deployedAt } = stored.deployment;
      if (deployedAt === null || passedOver.has(version)) continue;
      if (reference !== null && deployedAt >= reference) continue;
      if (foundBadAt === undefined || foundBadAt < deployedAt) {
        return { source: stored, gaveUp: false };
      }
      passedOver.add(version);
    }
    const last = candidates.at(-1)?.stored.deployment;
    if (last?.deployed_at == null || candidates.length < full) {
      return { source: undefined, gaveUp: false };
    }
    if (passedOver.size > bounds.passedOver) return { source: undefined, gaveUp: true };
    const { deployed_at: deployedAt, created_at: createdAt, id } = last;
    const end: DeployedPosition = { deployed_at: deployedAt, created_at: createdAt, id };
    const isBefore = reference === null || deployedAt < reference;
    const before = isBefore ? end : { deployed_at: reference, created_at: '', id: '' };
    const otherThan = [...passedOver];
    ({ candidates } = yield* look({
      candidates: { read: 'candidates', place, before, otherThan, limit: pageLimit } as const,
    }));
    full = pageLimit;
  }
}
