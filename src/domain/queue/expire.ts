import type { RecordedEvent, StateChange } from '../deployments/changes.js';
import { changeOfState } from '../deployments/changes.js';
import type { StoredDeployment } from '../deployments/deployment.js';
import { byService, recordEvent } from '../deployments/events.js';
import type { Cause } from '../deployments/events.js';
import { nextState } from '../deployments/lifecycle.js';
import type { Decision } from '../decision.js';
import { look } from '../decision.js';
import { closedFor } from '../gates/closed.js';
import { cancelledAt, changeOfQueue, turnOf } from './change.js';
import type { EntryName, QueueEntry } from './entries.js';

/** A deployment whose lease has run out: what becomes of it. */
export interface Expired {
  /** The deployment, `failed`. */
  readonly stored: StoredDeployment;
  readonly event: RecordedEvent;
}

const leaseExpired: Cause = { cause: 'lease_expired', deploymentId: null, reason: null };

/**
 * Fails a deployment whose lease has run out: its holder is taken to be dead.
 *
 * @param at when, RFC 3339 in UTC with milliseconds
 */
export function failExpired(stored: StoredDeployment, at: string): Expired {
  const failed = nextState(stored, { status: 'failed' }, at);
  return { stored: failed, event: recordEvent(stored, failed, leaseExpired, byService, at) };
}

/** How much was done about a queue. */
export interface Expiry {
  /** The deployments that became `failed`, since their leases ran out. */
  readonly failed: readonly StoredDeployment[];
  /** Those that had waited too long, now `cancelled`. */
  readonly cancelled: readonly StoredDeployment[];
}

/** How many deployments are changed in one transaction. */
const maxAtOnce = 100;

/**
 * Ends what is due in a queue: leases that have run out, and deployments that were claimed and have waited
 * for longer than the environment lets them, unless a gate is closed for them. As often as it is done, it is done
 * once.
 *
 * @param environment its name
 * @param at when, RFC 3339 in UTC with milliseconds
 */
export function* expire(environment: string, at: string): Decision<Expiry> {
  const { queue, controls } = yield* look({
    queue: { read: 'queue', environment } as const,
    controls: { read: 'controls' } as const,
  });
  const nothing: Expiry = { failed: [], cancelled: [] };
  if (queue?.head.dueAt == null || queue.head.dueAt > at) return { changes: {}, result: nothing };

  const settings = queue.head.stored.environment;
  const leases = queue.leases.filter(({ expiresAt }) => expiresAt <= at);
  const late = queue.waiting
    .filter(({ entry, status }) => {
      const end = cancelledAt(settings, entry);
      return status === 'scheduled' && end !== null && end <= at;
    })
    .map(({ entry }) => entry);
  const due = [...leases, ...late].slice(0, maxAtOnce);
  const found = yield* look(
    Object.fromEntries(due.map(({ id }) => [id, { read: 'deployment', id } as const])),
  );

  const updated: StateChange[] = [];
  const events: RecordedEvent[] = [];
  const put: QueueEntry[] = [];
  const removed: EntryName[] = [];
  const failed: StoredDeployment[] = [];
  const cancelled: StoredDeployment[] = [];
  for (const entry of due) {
    const { kind, id } = entry;
    const stored = found[id];
    if (kind === 'waiting' && stored !== undefined) {
      // Time before a closed gate is not its own: it gets all of it again.
      const { deployment } = stored;
      if (closedFor(deployment, controls, settings, at).length > 0) {
        put.push({ ...entry, readySince: at });
        continue;
      }
    }
    removed.push({ kind, id });
    if (kind === 'lease') {
      put.push(turnOf(entry, 'ended', at));
      if (stored?.deployment.status !== 'in_progress') continue;
      const { stored: to, event } = failExpired(stored, at);
      updated.push(changeOfState(stored, to));
      events.push(event);
      failed.push(to);
    } else if (stored?.deployment.status === 'scheduled') {
      const reason = `waited for longer than ${settings.queue_ttl_seconds ?? 0} seconds`;
      const to = nextState(stored, { status: 'cancelled' }, at);
      updated.push(changeOfState(stored, to));
      const cause: Cause = { cause: 'queue_ttl', deploymentId: null, reason };
      events.push(recordEvent(stored, to, cause, byService, at));
      cancelled.push(to);
    }
  }
  return {
    changes: {
      ...(updated.length > 0 && { deployments: { updated }, events }),
      queue: changeOfQueue(queue, { put, removed }, at),
    },
    result: { failed, cancelled },
  };
}
