import { mayBeClaimed } from '../deployments/lifecycle.js';
import type { Environment } from '../environments/environment.js';
import { earlier, secondsAfter } from './entries.js';
import type {
  EntryName,
  Queue,
  QueueChange,
  QueueEntry,
  QueueHead,
  Seat,
  Turn,
  Waiting,
} from './entries.js';

/** What becomes of entries. */
export type EntryChanges = Pick<QueueChange, 'put' | 'removed'>;

/**
 * The change of a queue of which all is known: what no longer counts goes along.
 *
 * @param at when, RFC 3339 in UTC with milliseconds
 */
export function changeOfQueue(
  queue: Queue,
  { put: wanted, removed }: EntryChanges,
  at: string,
): QueueChange {
  const settings = queue.head.stored.environment;
  // Several of a taxonomy may end at once; and without a buffer, an end is of no consequence.
  const counted = wanted.filter(({ kind }) => kind !== 'ended' || settings.buffer_seconds > 0);
  const put = [...new Map(counted.map((entry) => [nameOf(entry), entry])).values()];
  const names = new Set([...put, ...removed].map(nameOf));
  const stale = staleEntries(queue, put, at).filter((name) => !names.has(nameOf(name)));
  const gone = new Set([...names, ...stale.map(nameOf)]);
  const left: QueueEntry[] = [
    ...[...queue.leases, ...queue.waiting.map(({ entry }) => entry)].filter(
      (entry) => !gone.has(nameOf(entry)),
    ),
    ...put,
  ];
  const dueAt = left.map((entry) => dueOf(settings, entry)).reduce(earlier, null);
  return {
    from: queue.head.revision,
    to: { ...queue.head, revision: queue.head.revision + 1, dueAt },
    put,
    removed: [...removed, ...stale],
  };
}

/** The change of a queue of which only a part is known. */
export function changeOfHead(head: QueueHead, { put, removed }: EntryChanges): QueueChange {
  const { environment: settings } = head.stored;
  const dueAt = put.map((entry) => dueOf(settings, entry)).reduce(earlier, head.dueAt);
  const to = { ...head, revision: head.revision + 1, dueAt };
  return { from: head.revision, to, put, removed };
}

function nameOf({ kind, id }: EntryName): string {
  return `${kind} ${id}`;
}

/** When something has to be done about an entry. */
function dueOf(settings: Environment, entry: QueueEntry): string | null {
  if (entry.kind === 'lease') return entry.expiresAt;
  return entry.kind === 'waiting' ? cancelledAt(settings, entry) : null;
}

/** When one that has been claimed has waited too long. */
export function cancelledAt(settings: Environment, { readySince }: Waiting): string | null {
  const { queue_ttl_seconds: seconds } = settings;
  return seconds === null ? null : secondsAfter(readySince, seconds);
}

/** For how long it counts when a taxonomy started last for which nobody waits: workers come and go. */
const startedSeconds = 3_600;

/** Entries that count for nothing any more. */
function staleEntries(queue: Queue, put: readonly QueueEntry[], at: string): EntryName[] {
  const settings = queue.head.stored.environment;
  const isDead = ({ entry, status }: Queue['waiting'][number]): boolean => {
    if (!mayBeClaimed(status)) return true;
    // What has been claimed once is cancelled in time, whether or not somebody still waits for it.
    return entry.until <= at && (settings.queue_ttl_seconds === null || status === 'failed');
  };
  const dead = queue.waiting.filter(isDead).map(({ entry }) => entry);
  const alive = new Set(
    [...queue.waiting.filter((one) => !isDead(one)).map(({ entry }) => entry), ...put].flatMap(
      (entry) => (entry.kind === 'worker' ? [] : [entry.key]),
    ),
  );
  const turns = queue.turns.filter(({ kind, key, at: then }) =>
    kind === 'ended'
      ? secondsAfter(then, settings.buffer_seconds) <= at
      : !alive.has(key) && secondsAfter(then, startedSeconds) <= at,
  );
  const workers = queue.workers.filter(({ until }) => until <= at);
  return [...dead, ...turns, ...workers].map(({ kind, id }) => ({ kind, id }));
}

/** What is noted when one of a taxonomy starts, or ends. */
export function turnOf({ key, place }: Seat, kind: Turn['kind'], at: string): Turn {
  return { kind, id: key, key, place, at };
}
