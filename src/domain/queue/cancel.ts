import type { Caller } from '../callers/caller.js';
import type { Decision } from '../decision.js';
import { look } from '../decision.js';
import type { RecordedEvent, StateChange } from '../deployments/changes.js';
import { changeOfState } from '../deployments/changes.js';
import type { Deployment, StoredDeployment } from '../deployments/deployment.js';
import { recordEvent, sourceOf } from '../deployments/events.js';
import type { Cause } from '../deployments/events.js';
import { nextState } from '../deployments/lifecycle.js';
import { ApplicationError } from '../errors.js';
import { requireAccess } from '../policies/access.js';
import { changeOfQueue, turnOf } from './change.js';
import { seatOf } from './entries.js';
import type { EntryName, QueueEntry } from './entries.js';
import { isLive } from './lease.js';

/** What is to be cancelled of one environment. */
export interface CancelCommand {
  readonly environment: string;
  /** At most `maxCancelledAtOnce`. */
  readonly ids: readonly string[];
  readonly reason: string | null;
  readonly caller: Caller;
}

/** How many deployments are cancelled in one transaction. */
export const maxCancelledAtOnce = 100;

/**
 * Refuses to cancel unless the caller knows how many there are.
 *
 * @param expected what the caller takes it to be
 * @throws ApplicationError `cancel-count-differs`
 */
export function requireCount(count: number, expected: number | undefined): void {
  if (count === expected) return;
  throw new ApplicationError(
    'cancel-count-differs',
    `There are ${count} deployments to cancel${expected === undefined ? '' : `, not ${expected}`}: look at them with dry_run, ` +
      `and repeat the call with "expected_count": ${count}`,
  );
}

/**
 * Lets nobody cancel a part of what was asked for.
 *
 * @throws ApplicationError `forbidden`
 */
export function* requireMayCancel(
  caller: Caller,
  deployments: readonly Deployment[],
): Decision<undefined> {
  const { controls } = yield* look({ controls: { read: 'controls' } as const });
  for (const taxonomy of deployments)
    requireAccess({ caller, action: 'cancel', where: taxonomy }, controls);
  return { changes: {}, result: undefined };
}

/**
 * Cancels deployments of an environment that are still open. A lease ends with its deployment; its place stays
 * taken until its holder knows, or until it would have run out.
 *
 * @param at when, RFC 3339 in UTC with milliseconds
 * @returns those that were cancelled
 * @throws ApplicationError `forbidden`
 */
export function* cancel(
  { environment, ids, reason, caller }: CancelCommand,
  at: string,
): Decision<readonly StoredDeployment[]> {
  const found = yield* look(
    Object.fromEntries(ids.map((id) => [id, { read: 'deployment', id } as const])),
  );
  const { queue, controls } = yield* look({
    queue: { read: 'queue', environment } as const,
    controls: { read: 'controls' } as const,
  });
  if (queue === undefined) throw new Error(`The environment ${environment} has no queue`);
  const cause: Cause = { cause: 'request', deploymentId: null, reason };
  const updated: StateChange[] = [];
  const events: RecordedEvent[] = [];
  const put: QueueEntry[] = [];
  const removed: EntryName[] = [];
  for (const stored of Object.values(found)) {
    if (stored === undefined || !isOpen(stored)) continue;
    const { deployment } = stored;
    requireAccess({ caller, action: 'cancel', where: deployment }, controls);
    const to = nextState(stored, { status: 'cancelled' }, at);
    updated.push(changeOfState(stored, to));
    events.push(recordEvent(stored, to, cause, sourceOf(caller), at));
    if (queue.waiting.some(({ entry }) => entry.id === deployment.id)) {
      removed.push({ kind: 'waiting', id: deployment.id });
    }
    if (deployment.status === 'in_progress') put.push(turnOf(seatOf(deployment), 'ended', at));
    const lease = queue.leases.find(({ id }) => id === deployment.id);
    if (lease === undefined) continue;
    if (isLive(lease, at)) put.push({ ...lease, ended: whyEnded(caller, reason) });
    else removed.push({ kind: 'lease', id: deployment.id });
  }
  if (updated.length === 0) return { changes: {}, result: [] };
  const isQueueTouched = put.length > 0 || removed.length > 0;
  return {
    changes: {
      controlsAt: { organisation: caller.organisation, revision: controls.revision },
      deployments: { updated },
      events,
      ...(isQueueTouched && { queue: changeOfQueue(queue, { put, removed }, at) }),
    },
    result: updated.map(({ to }) => to),
  };
}

function isOpen({ deployment: { status } }: StoredDeployment): boolean {
  return status === 'scheduled' || status === 'in_progress';
}

/** What the holder of a lease is told. */
function whyEnded({ actor, repository }: Caller, reason: string | null): string {
  const by = actor ?? repository;
  return `cancelled${by === null ? '' : ` by ${by}`}${reason === null ? '' : ` (${reason})`}`;
}
