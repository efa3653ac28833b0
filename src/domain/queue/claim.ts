import type { Decision } from '../decision.js';
import { look } from '../decision.js';
import type { StoredDeployment } from '../deployments/deployment.js';
import { deploymentNotFound } from '../errors.js';
import { closedFor } from '../gates/closed.js';
import { overriding } from '../gates/override.js';
import type { Override } from '../gates/override.js';
import { requireAccess } from '../policies/access.js';
import { placeOf } from '../scopes/scope.js';
import { requireClaimable } from './claimable.js';
import { secondsAfter, seatOf } from './entries.js';
import type { Queue, Seat, Waiting } from './entries.js';
import { findLastDeployed, lastDeployed } from './estimate.js';
import { capacityOf, groupName } from './group.js';
import { isLive, leaseHeld } from './lease.js';
import { describePosition, groupAround, runningAround } from './position.js';
import type { QueuePosition } from './position.js';
import { grantAgain, keepWaiting, start, sweep } from './start.js';
import type { Granted, StartCommand } from './start.js';
import { standingsOf } from './turns.js';

/** Who wants to start which deployment. */
export interface ClaimCommand extends StartCommand {
  readonly id: string;
  /** Names the call, which may look several times whether it is its turn. */
  readonly call: string;
  /** Whether the call looks for the first time: then it is the newest one for this deployment. */
  readonly isFirst: boolean;
  readonly waitSeconds: number;
  /** What the caller says of why it is to start although gates are closed. */
  readonly override?: Override | undefined;
}

/** What a claim comes to: a lease, or a place in the queue. */
export type Claimed =
  | Granted
  | {
      readonly lease: undefined;
      readonly stored: StoredDeployment;
      readonly position: QueuePosition;
    };

/** For how long a place is kept for a caller who has been told to come again, in seconds. */
export const keptSeconds = 30;

/**
 * Claims a deployment: it is started under a lease if it is its turn, and else waits in its place. All of it
 * is decided on what is stored at that moment, so that of several claims only one can find a turn free.
 *
 * @param at when, RFC 3339 in UTC with milliseconds
 * @throws ApplicationError `deployment-not-found`, `forbidden`, `claim-not-allowed`, `claim-superseded`,
 *   `lease-held`, `lease-lost`, `idempotency-key-reused`
 */
export function* claim(command: ClaimCommand, at: string): Decision<Claimed> {
  const { id, caller, request, override } = command;
  const { found, controls, by, queue, known } = yield* look({
    found: { read: 'deployment', id },
    controls: { read: 'controls' },
    by: { read: 'skippedBy', id },
    queue: { read: 'queue', id },
    known: request && { read: 'rememberedResponse', owner: request.owner, key: request.key },
  });
  if (found === undefined || queue === undefined) throw deploymentNotFound(id);
  requireAccess({ caller, action: 'start', where: found.deployment }, controls);
  if (override !== undefined) {
    requireAccess({ caller, action: 'override', where: found.deployment }, controls);
  }
  // A call that has waited gets nothing that a later one under the same key has got.
  const again = command.isFirst ? yield* grantAgain(command, known, queue, at) : undefined;
  if (again !== undefined) return again;
  const lease = queue.leases.find((one) => one.id === id);
  if (isLive(lease, at)) throw leaseHeld(found.deployment, lease);

  const seat = { id, ...seatOf(found.deployment) };
  // What will be needed is known only afterwards, and nearly always guessed.
  const waits = isTaken(queue, seat, at);
  const isRetry = found.deployment.status !== 'scheduled';
  const { inProgress, ...guessed } = yield* look({
    inProgress: runningAround(seat, queue),
    fence: waits ? undefined : nextFence,
    deployed: waits || isRetry ? lastDeployed(seat.key) : undefined,
  });
  const present = yield* groupAround(seat, queue, inProgress, controls, at);
  const swept = sweep(present, at);
  const target = swept.states.get(id) ?? found;
  yield* requireClaimable(target, by, guessed.deployed);

  const before = present.waiting.find((waiting) => waiting.id === id);
  const isNew = command.isFirst || before === undefined;
  const own = isNew ? newPlace(command, target, queue, seat, before, at) : before;
  // A call that another one for the same deployment has come after is served no more.
  const isServed = own.call === command.call;
  const group = {
    ...swept.group,
    waiting: [...present.waiting.filter((other) => other.id !== id), own],
  };
  const standings = standingsOf(group);
  const standing = standings.find(({ waiting }) => waiting.id === id);
  if (!isServed || standing === undefined || standing.blockers.length > 0) {
    const deployed = yield* findLastDeployed(seat.key, guessed.deployed);
    const position = describePosition(target, group, standings, deployed);
    const changes = keepWaiting(queue, [swept], isNew ? [own] : [], at);
    return { changes, result: { lease: undefined, stored: target, position } };
  }
  const over = [{ kind: 'waiting', id } as const];
  // What has just been found to have failed has lost its approvals.
  const settings = queue.head.stored.environment;
  const gates = override ? closedFor(target.deployment, controls, settings, at) : [];
  const overridden = override && gates.length > 0 ? { cause: overriding(override), gates } : {};
  const fence = guessed.fence ?? (yield* look({ fence: nextFence })).fence;
  return start(command, { found, seat, queue, swept, controls, fence, over, ...overridden }, at);
}

const nextFence = { read: 'nextFence' } as const;

/** Whether as many have a lease in the group of a seat as it may hold. */
function isTaken(
  { head, leases }: Queue,
  seat: Seat & { readonly id: string },
  at: string,
): boolean {
  const { environment: settings } = head.stored;
  const group = groupName(settings, seat);
  const live = leases.filter((lease) => isLive(lease, at) && groupName(settings, lease) === group);
  return live.length >= capacityOf(settings);
}

/** A place in the queue, as far ahead as that of before. */
function newPlace(
  { id, call, waitSeconds, override }: ClaimCommand,
  { deployment }: StoredDeployment,
  queue: Queue,
  seat: Seat,
  before: Waiting | undefined,
  at: string,
): Waiting {
  const known = queue.waiting.find(({ entry }) => entry.id === id)?.entry;
  const { created_at: createdAt, updated_at: updatedAt, trigger, status } = deployment;
  return {
    ...seat,
    kind: 'waiting',
    id,
    createdAt,
    isRollback: trigger === 'rollback',
    isRetry: status === 'failed',
    since: before?.since ?? at,
    until: secondsAfter(at, waitSeconds + keptSeconds),
    readySince: known?.readySince ?? updatedAt,
    call,
    parts: placeOf(deployment),
    approvals: deployment.approvals.length,
    overrides: override !== undefined,
  };
}
