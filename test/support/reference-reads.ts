/**
 * What each read gives, told a second time and in the plainest way: over all that a tenant has. Tests of
 * decisions run on it, and every store is held to it.
 */
import type { DeploymentEvent, StoredDeployment } from '../../src/domain/deployments/deployment.js';
import { compareAge } from '../../src/domain/deployments/order.js';
import type { Position } from '../../src/domain/deployments/order.js';
import type { Place } from '../../src/domain/deployments/reads.js';
import { taxonomyKey } from '../../src/domain/deployments/taxonomy.js';
import type { RememberedResponse } from '../../src/domain/idempotency/idempotency.js';
import type { Read, Reads } from '../../src/domain/reads.js';
import { runDecision } from '../../src/store/decision-runner.js';
import type { Decided, Decision } from '../../src/domain/decision.js';

/** All that a tenant has. */
export interface World {
  readonly deployments: readonly StoredDeployment[];
  readonly events?: ReadonlyMap<string, readonly DeploymentEvent[]>;
  /** Since when which deployments are skipping older ones. */
  readonly skipping?: ReadonlyMap<string, string>;
  readonly responses?: ReadonlyMap<string, RememberedResponse>;
}

/** Runs a decision over all that a tenant has. */
export function decideOver<Result>(
  world: World,
  decision: Decision<Result> | Decided<Result>,
): Decided<Result> {
  return runDecision(decision, (read) => referenceRead(world, read));
}

/** What a read gives. */
export function referenceRead(world: World, read: Read): unknown {
  const answer = answers[read.read] as (world: World, of: Read) => unknown;
  return answer(world, read);
}

const answers: {
  readonly [Name in keyof Reads]: (world: World, of: Reads[Name]['of']) => Reads[Name]['gives'];
} = {
  deployment: find,
  events: ({ events }, { id }) => events?.get(id),
  eventTo: ({ events }, { id, status }) =>
    events?.get(id)?.findLast(({ to_status: to }) => to === status),
  lineage: ({ deployments }) => deployments.map(({ deployment }) => deployment),
  olderScheduled: (world, { than, unchangedSince = '~', limit }) => {
    const newer = find(world, { id: than });
    return newestFirst(members(world, { id: than }))
      .reverse()
      .filter(({ deployment }) => newer !== undefined && isOlder(deployment, newer.deployment))
      .filter(({ deployment }) => deployment.status === 'scheduled')
      .filter(({ deployment }) => deployment.updated_at <= unchangedSince)
      .slice(0, limit);
  },
  skippingSince: ({ skipping }, { id }) => skipping?.get(id),
  skippedBy: (world, { id }) => {
    const older = find(world, { id });
    return newestFirst(members(world, { id })).findLast(({ deployment }) => {
      const since = world.skipping?.get(deployment.id);
      return (
        older !== undefined &&
        since !== undefined &&
        since >= older.deployment.updated_at &&
        isOlder(older.deployment, deployment)
      );
    });
  },
  released: (world, { place }) => released(world, place),
  openRollbacks: (world, { place }) =>
    released(world, place).flatMap(
      (from) =>
        newestFirst(members(world, place)).find(
          ({ deployment: { rollback_from_deployment_id: replaced, status } }) =>
            replaced === from.deployment.id && (status === 'scheduled' || status === 'in_progress'),
        ) ?? [],
    ),
  candidates: (world, { place, before, otherThan, limit }) =>
    newestFirst(members(world, place))
      .filter(({ deployment }) => deployment.status === 'deployed')
      .filter(({ deployment }) => before === undefined || isOlder(deployment, before))
      .filter(({ deployment }) => !otherThan.includes(deployment.version))
      .slice(0, limit)
      .map((stored) => ({ stored, rolledBack: rolledBackOf(world, place, stored) })),
  ofVersion: (world, { place, version, limit }) =>
    newestFirst(members(world, place))
      .filter(({ deployment, everDeployed }) => everDeployed && deployment.version === version)
      .slice(0, limit),
  rememberedResponse: ({ responses }, { key }) => responses?.get(key),
};

function find({ deployments }: World, { id }: { readonly id: string }) {
  return deployments.find(({ deployment }) => deployment.id === id);
}

function members(world: World, place: Place): StoredDeployment[] {
  const named = 'id' in place ? find(world, place)?.deployment : undefined;
  const key = 'key' in place ? place.key : named && taxonomyKey(named);
  return world.deployments.filter(({ deployment }) => taxonomyKey(deployment) === key);
}

function released(world: World, place: Place): StoredDeployment[] {
  const newest = newestFirst(members(world, place));
  return ['in_progress', 'deployed', 'failed'].flatMap(
    (status) => newest.find(({ deployment }) => deployment.status === status) ?? [],
  );
}

function rolledBackOf(
  world: World,
  place: Place,
  { deployment: { version } }: StoredDeployment,
): Position | undefined {
  const all = newestFirst(members(world, place));
  const bad = all.find(
    ({ deployment }) =>
      deployment.version === version &&
      all.some((other) => other.deployment.rollback_from_deployment_id === deployment.id),
  )?.deployment;
  return bad && { created_at: bad.created_at, id: bad.id };
}

function isOlder(a: Position, b: Position): boolean {
  return compareAge(a, b) < 0;
}

function newestFirst(stored: readonly StoredDeployment[]): StoredDeployment[] {
  return [...stored].sort((a, b) => compareAge(b.deployment, a.deployment));
}
