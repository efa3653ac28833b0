import type { Caller } from '../callers/caller.js';
import type { Decision } from '../decision.js';
import { look } from '../decision.js';
import type { RecordedEvent, StateChange } from '../deployments/changes.js';
import { changeOfState } from '../deployments/changes.js';
import type { StoredDeployment } from '../deployments/deployment.js';
import { byRequest, recordEvent, sourceOf } from '../deployments/events.js';
import { nextState } from '../deployments/lifecycle.js';
import { deploymentNotFound } from '../errors.js';
import { recall } from '../idempotency/idempotency.js';
import type { IdempotentRequest } from '../idempotency/idempotency.js';
import { requireAccess } from '../policies/access.js';
import { changeOfQueue, turnOf } from './change.js';
import { requireClaimable } from './claimable.js';
import { secondsAfter } from './entries.js';
import type { EntryName, Lease, Turn, Waiting } from './entries.js';
import { failExpired } from './expire.js';
import { expiryOf, isLive, leaseHeld, leaseLost } from './lease.js';
import { describePosition, lookAround } from './position.js';
import type { QueuePosition, Surroundings } from './position.js';
import { standingsOf } from './turns.js';

/** Who wants to start which deployment. */
export interface ClaimCommand {
  readonly id: string;
  readonly caller: Caller;
  /** Names the call, which may look several times whether it is its turn. */
  readonly call: string;
  /** Whether the call looks for the first time: then it is the newest one for this deployment. */
  readonly isFirst: boolean;
  readonly waitSeconds: number;
  readonly leaseSeconds: number;
  /** Of the token that the caller gets with the lease. */
  readonly tokenHash: string;
  /** Under which `Idempotency-Key`, if there is one. */
  readonly request: IdempotentRequest | undefined;
}

/** What a claim comes to: a lease, or a place in the queue. */
export type Claimed =
  | { readonly lease: Lease; readonly stored: StoredDeployment; readonly replayed: boolean }
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
  const { id, caller, request } = command;
  const { found, policies, by, queue, known } = yield* look({
    found: { read: 'deployment', id },
    policies: { read: 'policies' },
    by: { read: 'skippedBy', id },
    queue: { read: 'queue', id },
    known: request && { read: 'rememberedResponse', owner: request.owner, key: request.key },
  });
  if (found === undefined || queue === undefined) throw deploymentNotFound(id);
  requireAccess({ caller, action: 'start', taxonomy: found.deployment }, policies);
  const present = queue.leases.find((lease) => lease.id === id);
  // A call that has waited gets nothing that a later one under the same key has got.
  if (request !== undefined && command.isFirst && recall(known, request) !== undefined) {
    if (!isLive(present, at) || present.request !== nameOf(request)) {
      throw leaseLost(found.deployment, ', since what this Idempotency-Key got is over');
    }
    const lease = { ...present, tokenHash: command.tokenHash };
    return {
      changes: { queue: changeOfQueue(queue, { put: [lease], removed: [] }, at) },
      result: { lease, stored: found, replayed: true },
    };
  }
  if (isLive(present, at)) throw leaseHeld(found.deployment, present);

  const around = yield* lookAround(found, queue, at);
  const swept = sweep(around, at);
  const target = swept.states.get(id) ?? found;
  yield* requireClaimable(target, by, around.deployed);

  const before = around.group.waiting.find((waiting) => waiting.id === id);
  const isNew = command.isFirst || before === undefined;
  const own = isNew ? newPlace(command, target, around, before, at) : before;
  // A call that another one for the same deployment has come after is served no more.
  const isServed = own.call === command.call;
  const group = {
    ...around.group,
    turns: [...around.group.turns, ...swept.turns],
    waiting: [...around.group.waiting.filter((other) => other.id !== id), own],
  };
  const standing = standingsOf(group).find(({ waiting }) => waiting.id === id);
  if (!isServed || standing === undefined || standing.blockers.length > 0) {
    const position = describePosition(target, { ...around, group });
    const changes = isNew ? { queue: changeOfQueue(queue, { put: [own], removed: [] }, at) } : {};
    return { changes, result: { lease: undefined, stored: found, position } };
  }

  const { fence } = yield* look({ fence: { read: 'nextFence' } as const });
  const lease = leaseFor(command, around, fence, at);
  const stored = nextState(target, { status: 'in_progress' }, at);
  const started = recordEvent(target, stored, byRequest, sourceOf(caller), at);
  const others = group.waiting.some((other) => other.id !== id && other.key === lease.key);
  return {
    changes: {
      policiesAt: { organisation: caller.organisation, revision: policies.revision },
      deployments: {
        updated: [
          ...swept.updated.filter((one) => one.to.deployment.id !== id),
          changeOfState(found, stored),
        ],
      },
      events: [...swept.events, started],
      queue: changeOfQueue(
        queue,
        {
          put: [...swept.turns, lease, ...(others ? [turnOf(lease, 'started', at)] : [])],
          removed: [...swept.removed.filter((entry) => entry.id !== id), { kind: 'waiting', id }],
        },
        at,
      ),
      fence,
      ...(request !== undefined && { response: { ...request, deployment: stored.deployment } }),
    },
    result: { lease, stored, replayed: false },
  };
}

/** What becomes of those of the group whose leases have run out, of which nobody has taken note yet. */
function sweep({ group }: Surroundings, at: string) {
  const states = new Map<string, StoredDeployment>();
  const updated: StateChange[] = [];
  const events: RecordedEvent[] = [];
  const turns: Turn[] = [];
  const removed: EntryName[] = [];
  for (const { stored, lease } of group.overdue) {
    const { stored: failed, event } = failExpired(stored, at);
    states.set(stored.deployment.id, failed);
    updated.push(changeOfState(stored, failed));
    events.push(event);
    turns.push(turnOf(lease, 'ended', at));
    removed.push({ kind: 'lease', id: lease.id });
  }
  return { states, updated, events, turns, removed };
}

/** A place in the queue, as far ahead as that of before. */
function newPlace(
  { id, call, waitSeconds }: ClaimCommand,
  { deployment }: StoredDeployment,
  { queue, seat }: Surroundings,
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
  };
}

function leaseFor(
  { id, leaseSeconds, tokenHash, request }: ClaimCommand,
  { queue, seat }: Surroundings,
  fence: number,
  at: string,
): Lease {
  const { max_hold_seconds: hold } = queue.head.stored.environment;
  const holdUntil = hold === null ? null : secondsAfter(at, hold);
  return {
    ...seat,
    kind: 'lease',
    id,
    tokenHash,
    request: request === undefined ? null : nameOf(request),
    fence,
    seconds: leaseSeconds,
    grantedAt: at,
    expiresAt: expiryOf({ seconds: leaseSeconds, holdUntil }, at),
    holdUntil,
    ended: null,
  };
}

/** Names a request under its key, whoever else uses the same key. */
function nameOf({ owner, key }: IdempotentRequest): string {
  return `${owner} ${key}`;
}
