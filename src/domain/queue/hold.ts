import type { Caller } from '../callers/caller.js';
import type { Decision } from '../decision.js';
import { look } from '../decision.js';
import { changeOfState } from '../deployments/changes.js';
import type { StoredDeployment } from '../deployments/deployment.js';
import { byRequest, recordEvent, sourceOf } from '../deployments/events.js';
import { nextState } from '../deployments/lifecycle.js';
import { ApplicationError, deploymentNotFound } from '../errors.js';
import { requireAccess } from '../policies/access.js';
import { changeOfHead, changeOfQueue } from './change.js';
import type { Lease, OwnEntries } from './entries.js';
import { expiryOf, isLive, isTokenOf, leaseLost } from './lease.js';

/** What the holder of a lease asks for. */
export interface HolderCommand {
  readonly id: string;
  readonly caller: Caller;
  readonly token: string;
}

/** What was asked for with a token; or that it is good for nothing, which the holder knows from now on. */
export type Held<Result> = Result | { readonly lost: ApplicationError };

/**
 * Renews a lease.
 *
 * @param at when, RFC 3339 in UTC with milliseconds
 * @throws ApplicationError `deployment-not-found`, `forbidden`
 */
export function* renew(command: HolderCommand, at: string): Decision<Held<{ lease: Lease }>> {
  const { stored, entries } = yield* lookAt(command);
  const { lease, head } = entries;
  if (!isLive(lease, at) || !isTokenOf(lease, command.token)) {
    return tell(stored, entries, command.token);
  }
  const renewed = { ...lease, expiresAt: expiryOf(lease, at) };
  return {
    changes: { queue: changeOfHead(head, { put: [renewed], removed: [] }) },
    result: { lease: renewed },
  };
}

/**
 * Gives a lease back: the deployment is `scheduled` again, and whoever is next may go.
 *
 * @param at when, RFC 3339 in UTC with milliseconds
 * @throws ApplicationError `deployment-not-found`, `forbidden`
 */
export function* release(
  command: HolderCommand,
  at: string,
): Decision<Held<{ stored: StoredDeployment }>> {
  const { stored, entries, controls } = yield* lookAt(command);
  const { lease, head } = entries;
  if (!isLive(lease, at) || !isTokenOf(lease, command.token)) {
    return tell(stored, entries, command.token);
  }
  const to = nextState(stored, { status: 'scheduled' }, at);
  const { organisation } = stored.deployment;
  return {
    changes: {
      controlsAt: { organisation, revision: controls.revision },
      deployments: { updated: [changeOfState(stored, to)] },
      events: [recordEvent(stored, to, byRequest, sourceOf(command.caller), at)],
      queue: changeOfHead(head, { put: [], removed: [{ kind: 'lease', id: lease.id }] }),
    },
    result: { stored: to },
  };
}

function* lookAt({ id, caller }: HolderCommand) {
  const { found, controls, entries } = yield* look({
    found: { read: 'deployment', id } as const,
    controls: { read: 'controls' } as const,
    entries: { read: 'ownEntries', id } as const,
  });
  if (found === undefined || entries === undefined) throw deploymentNotFound(id);
  requireAccess({ caller, action: 'start', where: found.deployment }, controls);
  return { stored: found, entries, controls };
}

/** Tells a holder that its lease is lost. One whose lease was ended gives its place up by knowing. */
export function tell(
  { deployment }: StoredDeployment,
  { lease, head }: OwnEntries,
  token: string,
): { changes: object; result: { lost: ApplicationError } } {
  const isEnded = lease?.ended != null && isTokenOf(lease, token);
  const lost = leaseLost(deployment, isEnded ? `: ${lease.ended}` : '');
  if (!isEnded) return { changes: {}, result: { lost } };
  const removed = [{ kind: 'lease', id: lease.id } as const];
  return { changes: { queue: changeOfHead(head, { put: [], removed }) }, result: { lost } };
}

/** Who gives up waiting. */
export interface LeaveCommand {
  readonly id: string;
  /** The call that ends. */
  readonly call: string;
}

/**
 * Gives a place up, unless a later call has taken it over: it gives up nothing but that.
 *
 * @param at when, RFC 3339 in UTC with milliseconds
 */
export function* leave({ id, call }: LeaveCommand, at: string): Decision<undefined> {
  const { entries } = yield* look({ entries: { read: 'ownEntries', id } as const });
  const { head, waiting } = entries ?? {};
  if (head === undefined || waiting?.call !== call) return { changes: {}, result: undefined };
  // That it was claimed once is still to be known where such are cancelled in time.
  const isKept = head.stored.environment.queue_ttl_seconds !== null;
  const change = isKept
    ? { put: [{ ...waiting, until: at }], removed: [] }
    : { put: [], removed: [{ kind: 'waiting', id } as const] };
  return { changes: { queue: changeOfHead(head, change) }, result: undefined };
}

/** Which worker stops waiting. */
export interface LeaveWorkCommand {
  readonly environment: string;
  /** The call that ends. */
  readonly call: string;
}

/**
 * Lets a worker wait no more: what it would have started competes for no turn any more.
 *
 * @param at when, RFC 3339 in UTC with milliseconds
 */
export function* leaveWork(
  { environment, call }: LeaveWorkCommand,
  at: string,
): Decision<undefined> {
  const { queue } = yield* look({ queue: { read: 'queue', environment } as const });
  const isWaiting = queue?.workers.some(({ id }) => id === call) === true;
  if (!isWaiting) return { changes: {}, result: undefined };
  return {
    changes: {
      queue: changeOfQueue(queue, { put: [], removed: [{ kind: 'worker', id: call }] }, at),
    },
    result: undefined,
  };
}
