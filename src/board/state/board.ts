import type {
  CurrentState,
  Deployment,
  DeploymentEvent,
  FeedEvent,
  QueuePosition,
} from '../../client/contract.js';
import { applyEvent } from './apply-event.js';
import { unapprovedAfter } from './approvals.js';
import type { Unapproved } from './approvals.js';
import { noGates } from './gates.js';
import type { Gates } from './gates.js';
import { placeKey, placeOf } from './place.js';
import type { Place } from './place.js';

/** Whether the board follows what happens, or why it does not. */
export type Liveness =
  | { readonly state: 'connecting' | 'live' }
  | { readonly state: 'reconnecting' | 'refused'; readonly why: string };

/** How a deployment has failed. */
export type Failure = Pick<DeploymentEvent, 'cause' | 'reason' | 'occurred_at'>;

/** All that the board knows. */
export interface Board {
  readonly rows: ReadonlyMap<string, CurrentState>;
  /** Whether all rows have been read once. */
  readonly isLoaded: boolean;
  /** Rollbacks that wait, the newest first. */
  readonly rollbacks: readonly Deployment[];
  /** Where deployments stand in their queues, as far as somebody has looked. */
  readonly queue: ReadonlyMap<string, QueuePosition>;
  /** How deployments have failed, of which that has been looked up: it was before what is told here. */
  readonly failures: ReadonlyMap<string, Failure>;
  /** Locks and freezes. */
  readonly gates: Gates;
  /** What waits for people to approve it, the newest first. */
  readonly unapproved: readonly Unapproved[];
  /** What happened, the newest first. */
  readonly events: readonly FeedEvent[];
  readonly liveness: Liveness;
}

export type BoardAction =
  | { readonly type: 'page'; readonly rows: readonly CurrentState[] }
  | { readonly type: 'loaded'; readonly rows: readonly CurrentState[] }
  | { readonly type: 'place'; readonly place: Place; readonly rows: readonly CurrentState[] }
  | { readonly type: 'rollbacks'; readonly rollbacks: readonly Deployment[] }
  | { readonly type: 'queue'; readonly id: string; readonly position: QueuePosition }
  | { readonly type: 'failure'; readonly id: string; readonly failure: Failure }
  | { readonly type: 'gates'; readonly gates: Gates }
  | { readonly type: 'unapproved'; readonly unapproved: readonly Unapproved[] }
  | { readonly type: 'events'; readonly events: readonly FeedEvent[] }
  | { readonly type: 'history'; readonly events: readonly FeedEvent[] }
  | { readonly type: 'liveness'; readonly liveness: Liveness }
  | { readonly type: 'reset' };

export const emptyBoard: Board = {
  rows: new Map(),
  isLoaded: false,
  rollbacks: [],
  queue: new Map(),
  failures: new Map(),
  gates: noGates,
  unapproved: [],
  events: [],
  liveness: { state: 'connecting' },
};

/** How many events are kept. */
const maxEvents = 400;

/** What the board knows after something was heard. */
export function reduce(board: Board, action: BoardAction): Board {
  switch (action.type) {
    case 'page':
      return { ...board, rows: withRows(board.rows, action.rows) };
    case 'loaded':
      return { ...board, rows: withRows(new Map(), action.rows, board.rows), isLoaded: true };
    case 'place':
      return { ...board, rows: withPlace(board.rows, action.place, action.rows) };
    case 'rollbacks':
      return { ...board, rollbacks: action.rollbacks };
    case 'queue':
      return { ...board, queue: new Map(board.queue).set(action.id, action.position) };
    case 'failure':
      return { ...board, failures: new Map(board.failures).set(action.id, action.failure) };
    case 'gates':
      // What says the same is not drawn again.
      return saysTheSame(board.gates, action.gates) ? board : { ...board, gates: action.gates };
    case 'unapproved':
      return { ...board, unapproved: action.unapproved };
    case 'history':
      return { ...board, events: newestFirst([...action.events, ...board.events]) };
    case 'events':
      return withEvents(board, action.events);
    case 'liveness':
      return { ...board, liveness: action.liveness };
    case 'reset':
      return emptyBoard;
  }
}

/** @param before rows that stay the same object where they say the same, so that they are not drawn again */
function withRows(
  rows: ReadonlyMap<string, CurrentState>,
  added: readonly CurrentState[],
  before = rows,
): ReadonlyMap<string, CurrentState> {
  const result = new Map(rows);
  for (const row of added) {
    const key = placeKey(row);
    const known = before.get(key);
    result.set(key, known !== undefined && saysTheSame(known, row) ? known : row);
  }
  return result;
}

/** The service was asked for one place: where it knows nothing of it any more, the row goes. */
function withPlace(
  rows: ReadonlyMap<string, CurrentState>,
  place: Place,
  found: readonly CurrentState[],
): ReadonlyMap<string, CurrentState> {
  const key = placeKey(place);
  const result = withRows(rows, found);
  if (found.some((row) => placeKey(row) === key)) return result;
  return new Map([...result].filter(([each]) => each !== key));
}

function withEvents(board: Board, events: readonly FeedEvent[]): Board {
  const known = new Set(board.events.map(({ position }) => position));
  const fresh = events.filter(({ position }) => !known.has(position));
  if (fresh.length === 0) return board;
  const rows = new Map(board.rows);
  const left = new Set<string>();
  const moved = new Set<string>();
  for (const event of fresh) {
    const key = placeKey(event);
    const row = applyEvent(rows.get(key) ?? emptyRow(event), event);
    if (isNothing(row)) rows.delete(key);
    else rows.set(key, row);
    if (event.to_status !== 'scheduled') left.add(event.deployment_id);
    if (event.to_status !== event.from_status) moved.add(event.deployment_id);
  }
  return {
    ...board,
    rows,
    events: newestFirst([...fresh, ...board.events]),
    rollbacks: board.rollbacks.filter(({ id }) => !left.has(id)),
    unapproved: unapprovedAfter(board.unapproved, fresh),
    // Where it stood before says nothing of where it stands now.
    queue: new Map([...board.queue].filter(([id]) => !moved.has(id))),
  };
}

function emptyRow(event: FeedEvent): CurrentState {
  return {
    ...placeOf(event),
    current: null,
    previous_good: null,
    in_progress: [],
    waiting: { count: 0, next: null },
  };
}

/** Whether nothing runs there and nothing waits: the service has no row for that. */
function isNothing({ current, in_progress, waiting }: CurrentState): boolean {
  return current === null && in_progress.length === 0 && waiting.count === 0;
}

function newestFirst(events: readonly FeedEvent[]): readonly FeedEvent[] {
  const byPosition = new Map(events.map((event) => [event.position, event]));
  return [...byPosition.values()].sort((a, b) => b.position - a.position).slice(0, maxEvents);
}

function saysTheSame<Shown extends CurrentState | Gates>(a: Shown, b: Shown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
