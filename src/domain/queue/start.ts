import type { Caller } from '../callers/caller.js';
import type { ChangeSet } from '../changes.js';
import type { Decided, Slice, SliceData } from '../decision.js';
import { look } from '../decision.js';
import type { RecordedEvent, StateChange } from '../deployments/changes.js';
import { changeOfState } from '../deployments/changes.js';
import type { StoredDeployment } from '../deployments/deployment.js';
import { byRequest, recordEvent, sourceOf } from '../deployments/events.js';
import type { Cause } from '../deployments/events.js';
import { nextState } from '../deployments/lifecycle.js';
import type { ClosedGate } from '../gates/gate.js';
import { recall } from '../idempotency/idempotency.js';
import type { IdempotentRequest, RememberedResponse } from '../idempotency/idempotency.js';
import type { Controls } from '../controls/controls.js';
import { changeOfQueue, turnOf } from './change.js';
import { secondsAfter } from './entries.js';
import type { EntryName, Lease, Queue, QueueEntry, Seat, Turn } from './entries.js';
import { failExpired } from './expire.js';
import { isWide } from './group.js';
import type { Group } from './group.js';
import { expiryOf, isLive, leaseLost } from './lease.js';

/** How a deployment is started. */
export interface StartCommand {
  readonly caller: Caller;
  readonly leaseSeconds: number;
  /** Of the token that the caller gets with the lease. */
  readonly tokenHash: string;
  /** Under which `Idempotency-Key`, if there is one. */
  readonly request: IdempotentRequest | undefined;
}

/** A deployment that was started. */
export interface Granted {
  readonly lease: Lease;
  readonly stored: StoredDeployment;
  readonly replayed: boolean;
  /** Whether gates were closed. */
  readonly overridden: boolean;
}

/** What is started, and what has been found around it. */
export interface Starting {
  readonly found: StoredDeployment;
  readonly seat: Seat;
  readonly queue: Queue;
  /** What has become of its group. */
  readonly swept: Swept;
  readonly controls: Controls;
  /**
   * Its fence, given out after the queue was read: as no two starts are made from one state of a queue, the later
   * one has the greater.
   */
  readonly fence: number;
  /** Entries that are over by it. */
  readonly over: readonly EntryName[];
  /** Why it is started, where that is not its turn alone. */
  readonly cause?: Cause;
  /** The gates that were overridden. */
  readonly gates?: readonly ClosedGate[];
}

/** Starts a deployment under a lease: it was found to be its turn. */
export function start(
  command: StartCommand,
  { found, seat, queue, swept, controls, fence, over, cause = byRequest, gates = [] }: Starting,
  at: string,
): Decided<Granted> {
  const { id, organisation } = found.deployment;
  const { caller, request } = command;
  const target = swept.states.get(id) ?? found;
  const stored = nextState(target, { status: 'in_progress' }, at);
  const lease = leaseFor(command, { id, ...seat }, queue, fence, at);
  // Whether others of its taxonomy wait, or workers may come for them.
  const hasOthers =
    swept.group.waiting.some((other) => other.id !== id && other.key === seat.key) ||
    (isWide(swept.group.settings) && found.deployment.auto);
  return {
    changes: {
      controlsAt: { organisation, revision: controls.revision },
      deployments: {
        updated: [
          ...swept.updated.filter((one) => one.to.deployment.id !== id),
          changeOfState(found, stored),
        ],
      },
      events: [...swept.events, recordEvent(target, stored, cause, sourceOf(caller), at, gates)],
      queue: changeOfQueue(
        queue,
        {
          put: [...swept.turns, lease, ...(hasOthers ? [turnOf(lease, 'started', at)] : [])],
          removed: [...swept.removed.filter((entry) => entry.id !== id), ...over],
        },
        at,
      ),
      fence,
      ...(request !== undefined && { response: { ...request, deployment: stored.deployment } }),
    },
    result: { lease, stored, replayed: false, overridden: gates.length > 0 },
  };
}

/**
 * What a request under its key has got before, under a new token.
 *
 * @returns `undefined` when it has got nothing before
 * @throws ApplicationError `lease-lost` when that is over, `idempotency-key-reused`
 */
export function* grantAgain(
  { request, tokenHash }: Pick<StartCommand, 'request' | 'tokenHash'>,
  known: RememberedResponse | undefined,
  queue: Queue,
  at: string,
): Generator<Slice, Decided<Granted> | undefined, SliceData<Slice>> {
  const before = request && recall(known, request);
  if (request === undefined || before === undefined) return undefined;
  const { stored } = yield* look({ stored: { read: 'deployment', id: before.id } as const });
  const present = queue.leases.find(({ id }) => id === before.id);
  if (stored === undefined || !isLive(present, at) || present.request !== nameOf(request)) {
    throw leaseLost(stored?.deployment ?? before, ', since what this Idempotency-Key got is over');
  }
  const lease = { ...present, tokenHash };
  return {
    changes: { queue: changeOfQueue(queue, { put: [lease], removed: [] }, at) },
    result: { lease, stored, replayed: true, overridden: false },
  };
}

/** What becomes of those of a group whose leases have run out, of which nobody has taken note yet. */
export interface Swept {
  /** The group as it is then. */
  readonly group: Group;
  readonly states: ReadonlyMap<string, StoredDeployment>;
  readonly updated: readonly StateChange[];
  readonly events: readonly RecordedEvent[];
  readonly turns: readonly Turn[];
  readonly removed: readonly EntryName[];
}

/** Fails those of a group whose leases have run out. */
export function sweep(group: Group, at: string): Swept {
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
  const after = { ...group, turns: [...group.turns, ...turns], overdue: [] };
  return { group: after, states, updated, events, turns, removed };
}

/**
 * What is to be stored of a claim that has to wait. What was swept goes along: it ended now, and if that were
 * forgotten, it would end once more for the next claim, and with it a buffer would begin anew.
 */
export function keepWaiting(
  queue: Queue,
  swept: readonly Swept[],
  put: readonly QueueEntry[],
  at: string,
): ChangeSet {
  const updated = swept.flatMap((group) => group.updated);
  if (updated.length === 0 && put.length === 0) return {};
  const turns = swept.flatMap((group) => group.turns);
  const removed = swept.flatMap((group) => group.removed);
  return {
    ...(updated.length > 0 && {
      deployments: { updated },
      events: swept.flatMap((group) => group.events),
    }),
    queue: changeOfQueue(queue, { put: [...turns, ...put], removed }, at),
  };
}

function leaseFor(
  { leaseSeconds, tokenHash, request }: StartCommand,
  seat: Seat & { readonly id: string },
  queue: Queue,
  fence: number,
  at: string,
): Lease {
  const { max_hold_seconds: hold } = queue.head.stored.environment;
  const holdUntil = hold === null ? null : secondsAfter(at, hold);
  return {
    ...seat,
    kind: 'lease',
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
