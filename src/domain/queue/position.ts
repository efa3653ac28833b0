import type { components } from '../../../generated/openapi.js';
import type { StoredDeployment } from '../deployments/deployment.js';
import { mayBeClaimed } from '../deployments/lifecycle.js';
import type { Decision, Slice, SliceData } from '../decision.js';
import { look } from '../decision.js';
import { deploymentNotFound } from '../errors.js';
import { closedFor } from '../gates/closed.js';
import type { ClosedGate } from '../gates/gate.js';
import type { Controls } from '../controls/controls.js';
import { seatOf } from './entries.js';
import type { Queue, Seat } from './entries.js';
import { groupOf, isWide } from './group.js';
import type { Group } from './group.js';
import { estimateStart, lastDeployed } from './estimate.js';
import type { LastDeployed } from './estimate.js';
import { standingsOf } from './turns.js';
import type { Blocker, Standing } from './turns.js';
import { lookForWork, withWork } from './work.js';

type Schemas = components['schemas'];

/** Where a deployment stands in its queue, as the contract shows it. */
export type QueuePosition = Schemas['QueuePosition'];
/** Why a deployment cannot start yet, as the contract shows it. */
export type QueueBlocker = Schemas['QueueBlocker'];

/** How many of those in the way are named. */
const maxNamed = 20;

/** The deployments that are `in_progress` where a seat is, as far as they may exclude it. */
export function runningAround({ key }: Seat, { head }: Pick<Queue, 'head'>) {
  const { environment } = head.stored;
  const within = isWide(environment) ? { environment: environment.environment } : { key };
  return { read: 'inProgress', within } as const;
}

/** The group of a deployment, with what workers would start, as it is at an instant. */
export function* groupAround(
  seat: Seat & { readonly id: string },
  queue: Queue,
  inProgress: readonly StoredDeployment[],
  controls: Controls,
  at: string,
): Generator<Slice, Group, SliceData<Slice>> {
  const work = yield* lookForWork(queue, queue.workers, controls, at);
  return groupOf(withWork(queue, work), controls, seat, inProgress, at);
}

/**
 * Where a deployment stands.
 *
 * @throws ApplicationError `deployment-not-found`
 */
export function* positionOf(id: string, at: string): Decision<QueuePosition> {
  const { found, queue, controls } = yield* look({
    found: { read: 'deployment', id } as const,
    queue: { read: 'queue', id } as const,
    controls: { read: 'controls' } as const,
  });
  if (found === undefined || queue === undefined) throw deploymentNotFound(id);
  const { deployment } = found;
  const seat = { id, ...seatOf(deployment) };
  const { inProgress, deployed } = yield* look({
    inProgress: runningAround(seat, queue),
    deployed: lastDeployed(seat.key),
  });
  const group = yield* groupAround(seat, queue, inProgress, controls, at);
  const { environment } = queue.head.stored;
  const closed = mayBeClaimed(deployment.status)
    ? closedFor(deployment, controls, environment, at)
    : [];
  return {
    changes: {},
    result: describePosition(found, group, standingsOf(group), deployed, closed),
  };
}

/**
 * Where a deployment stands, in the contract's words.
 *
 * @param standings those of the group
 * @param deployed what was deployed there last
 * @param closed the gates that are closed for it, which are in its way also while nobody waits for it
 */
export function describePosition(
  { deployment }: StoredDeployment,
  group: Group,
  standings: readonly Standing[],
  deployed: LastDeployed,
  closed: readonly ClosedGate[] = [],
): QueuePosition {
  const index = standings.findIndex(({ waiting }) => waiting.id === deployment.id);
  const standing = standings[index];
  const estimate = standing && estimateStart(standing, deployed, group);
  return {
    position: standing === undefined ? null : index + 1,
    waiting_since: standing?.waiting.since ?? null,
    blocked_by: blockersOf(standing, closed).map(describeBlocker),
    holders: group.holders.slice(0, maxNamed).map(({ id, startedAt, until, lease }) => ({
      deployment_id: id,
      started_at: startedAt,
      until,
      leased: lease !== undefined,
    })),
    estimated_start_at: estimate ?? null,
  };
}

/** What is in its way; while nobody waits for it, the gates. */
function blockersOf(
  standing: Standing | undefined,
  closed: readonly ClosedGate[],
): readonly Blocker[] {
  const gates = closed.map((gate) => ({ kind: 'gate', gate }) as const);
  return (standing?.blockers ?? gates).slice(0, maxNamed);
}

const noGate = { gate_id: null, reason: null, owner: null };

/** Why a deployment cannot start yet, in the contract's words. */
export function describeBlocker(blocker: Blocker): QueueBlocker {
  switch (blocker.kind) {
    case 'running': {
      const { id, until } = blocker.holder;
      return { ...noGate, kind: 'running', deployment_id: id, until };
    }
    case 'ahead':
      return { ...noGate, kind: 'ahead', deployment_id: blocker.waiting.id, until: null };
    case 'buffer':
      return { ...noGate, kind: 'buffer', deployment_id: null, until: blocker.until };
    case 'gate':
      return { ...blocker.gate, deployment_id: null };
  }
}
