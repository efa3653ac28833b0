import type { Caller } from '../callers/caller.js';
import type { Decision } from '../decision.js';
import { look } from '../decision.js';
import { ApplicationError, deploymentNotFound } from '../errors.js';
import type { Approval } from '../gates/gate.js';
import { requireAccess } from '../policies/access.js';
import { changeOfHead } from '../queue/change.js';
import { entriesAfter } from '../queue/update.js';
import { changeOfState } from './changes.js';
import type { Deployment, StoredDeployment } from './deployment.js';
import { recordEvent, sourceOf } from './events.js';
import type { Cause } from './events.js';
import { mayBeClaimed, nextState } from './lifecycle.js';

/** Who approves or rejects which deployment, and why. */
export interface ApprovalCommand {
  readonly id: string;
  readonly caller: Caller;
  readonly reason: string | null;
}

/** A deployment after that, and whether anything was changed. */
export interface Approved {
  readonly stored: StoredDeployment;
  readonly changed: boolean;
}

/** How many approvals a deployment has at most: as many as an environment can ask for. */
export const maxApprovals = 10;

/**
 * Approves the attempt of a deployment that is to start. Who has approved it already changes nothing.
 *
 * @param at when, RFC 3339 in UTC with milliseconds
 * @throws ApplicationError `deployment-not-found`, `forbidden`, `approval-not-allowed` for what has started or
 *   is over, for who registered it, and for who is nobody
 */
export function* approve(command: ApprovalCommand, at: string): Decision<Approved> {
  const { caller, reason } = command;
  const { found, controls, entries } = yield* lookAt(command);
  const { deployment } = found;
  const { status, approvals } = deployment;
  if (!mayBeClaimed(status)) {
    throw notAllowed(deployment, 'approved', 'only what waits, or is to be tried again, can be');
  }
  requireOther(deployment, caller);
  const isRepeated = approvals.some(({ actor }) => isSame(actor, caller.actor));
  if (isRepeated) return { changes: {}, result: { stored: found, changed: false } };
  if (approvals.length >= maxApprovals) {
    throw notAllowed(deployment, 'approved', `it has ${maxApprovals} approvals already`);
  }
  const { actor, repository } = caller;
  const approval: Approval = { actor, repository, approved_at: at, reason };
  const stored = nextState(found, { approvals: [...approvals, approval] }, at);
  const cause: Cause = { cause: 'approval', deploymentId: null, reason };
  const { waiting, head } = entries;
  // Whoever waits is told so in the same transaction.
  const told = waiting && { ...waiting, approvals: stored.deployment.approvals.length };
  return {
    changes: {
      controlsAt: { organisation: deployment.organisation, revision: controls.revision },
      deployments: { updated: [changeOfState(found, stored)] },
      events: [recordEvent(found, stored, cause, sourceOf(caller), at)],
      ...(told && { queue: changeOfHead(head, { put: [told], removed: [] }) }),
    },
    result: { stored, changed: true },
  };
}

/**
 * Rejects a deployment that waits: it is cancelled.
 *
 * @param at when, RFC 3339 in UTC with milliseconds
 * @throws ApplicationError `deployment-not-found`, `forbidden`, `approval-not-allowed` for what has started or
 *   is over
 */
export function* reject(command: ApprovalCommand, at: string): Decision<Approved> {
  const { caller, reason } = command;
  const { found, controls, entries } = yield* lookAt(command);
  const { deployment } = found;
  if (deployment.status !== 'scheduled') {
    throw notAllowed(deployment, 'rejected', 'only what waits can be');
  }
  const stored = nextState(found, { status: 'cancelled' }, at);
  const cause: Cause = { cause: 'rejection', deploymentId: null, reason };
  const queue = entriesAfter(entries, found, stored, at);
  return {
    changes: {
      controlsAt: { organisation: deployment.organisation, revision: controls.revision },
      deployments: { updated: [changeOfState(found, stored)] },
      events: [recordEvent(found, stored, cause, sourceOf(caller), at)],
      ...(queue !== undefined && { queue }),
    },
    result: { stored, changed: true },
  };
}

function* lookAt({ id, caller }: ApprovalCommand) {
  const { found, controls, entries, by } = yield* look({
    found: { read: 'deployment', id } as const,
    controls: { read: 'controls' } as const,
    entries: { read: 'ownEntries', id } as const,
    by: { read: 'skippedBy', id } as const,
  });
  if (found === undefined || entries === undefined) throw deploymentNotFound(id);
  requireAccess({ caller, action: 'approve', where: found.deployment }, controls);
  if (by !== undefined) {
    const newer = `${by.deployment.version} (${by.deployment.id})`;
    throw notAllowed(found.deployment, 'decided on', `${newer} was deployed, and it is skipped`);
  }
  return { found, controls, entries };
}

/** Nobody approves what they have registered, and nobody is somebody else. */
function requireOther(deployment: Deployment, { actor, source }: Caller): void {
  if (source === 'development') return;
  if (actor === null) throw notAllowed(deployment, 'approved', 'the token names nobody who could');
  if (isSame(actor, deployment.created_by_actor)) {
    throw notAllowed(
      deployment,
      'approved',
      `${actor} registered it, so that somebody else has to`,
    );
  }
}

function isSame(a: string | null, b: string | null): boolean {
  return a?.toLowerCase() === b?.toLowerCase();
}

function notAllowed({ id, status }: Deployment, what: string, why: string): ApplicationError {
  return new ApplicationError(
    'approval-not-allowed',
    `Deployment ${id} is ${status} and cannot be ${what}: ${why}`,
  );
}
