import type { Caller } from '../callers/caller.js';
import type { Decision } from '../decision.js';
import { look } from '../decision.js';
import { deploymentNotFound, nothingToUpdate } from '../errors.js';
import { closedFor, requireOpen } from '../gates/closed.js';
import { overriding } from '../gates/override.js';
import type { Override } from '../gates/override.js';
import { actionsOf, requireAccess } from '../policies/access.js';
import { failExpired } from '../queue/expire.js';
import { tell } from '../queue/hold.js';
import type { Held } from '../queue/hold.js';
import { isLive, requireToken } from '../queue/lease.js';
import { entriesAfter, requireStartable } from '../queue/update.js';
import { asSkipped, maxSkippedAtOnce, mayBeMore, skip } from './auto-skip.js';
import { changeOfState } from './changes.js';
import type { DeploymentStatus, DeploymentUpdate, StoredDeployment } from './deployment.js';
import { byRequest, recordEvent, sourceOf } from './events.js';
import type { Cause } from './events.js';
import { decideTransition, nextState } from './lifecycle.js';

/** A deployment after an update, and how much the update changed. */
export interface Update {
  readonly stored: StoredDeployment;
  /** Whether anything was changed. */
  readonly changed: boolean;
  /** How many older ones were skipped at once. */
  readonly skipped: number;
  /** Whether it was started although gates were closed. */
  readonly overridden: boolean;
}

/** What is to be updated, by whom, and under which condition. */
export interface UpdateCommand {
  readonly id: string;
  readonly fields: DeploymentUpdate;
  /** What the caller says of why it is to start although gates are closed. */
  readonly override?: Override | undefined;
  readonly caller: Caller;
  /** Of the lease under which the caller carries it out. */
  readonly leaseToken?: string | undefined;
  /** Throws when the deployment is not in a state that the caller is content with. */
  readonly precondition: (stored: StoredDeployment) => void;
}

/**
 * Refuses an update that changes nothing because it names nothing.
 *
 * @throws ApplicationError `nothing-to-update`
 */
export function requireFields(request: DeploymentUpdate): void {
  if (Object.keys(request).length === 0) throw nothingToUpdate();
}

/** What asks gates, or tells of them: a start, and the outcome of one. */
const gatedStatuses: ReadonlySet<DeploymentStatus> = new Set(['in_progress', 'deployed', 'failed']);

const unchanged = { changed: false, skipped: 0, overridden: false } as const;

const late: Cause = { cause: 'late', deploymentId: null, reason: null };

/**
 * Applies an update: the life table, and the auto-skip of older `scheduled` deployments when the target
 * becomes `deployed`, unless every version has its turn. Changes nothing when everything already is as asked
 * for. While a lease lives, the status is its holder's.
 *
 * @param at when, RFC 3339 in UTC with milliseconds
 * @returns that the lease is lost, where the caller has a token that is no longer good
 * @throws ApplicationError `deployment-not-found`, `forbidden`, `transition-not-allowed`, `lease-held`,
 *   `lease-required`, `gate-closed`, or what the precondition throws
 */
export function* update(
  { id, fields, override, caller, leaseToken, precondition }: UpdateCommand,
  at: string,
): Decision<Held<Update>> {
  const deploys = fields.status === 'deployed';
  const { found, controls, entries, by, older, replaced } = yield* look({
    found: { read: 'deployment', id },
    controls: { read: 'controls' },
    entries: { read: 'ownEntries', id },
    by: { read: 'skippedBy', id },
    older: deploys ? { read: 'olderScheduled', than: id, limit: maxSkippedAtOnce } : undefined,
    replaced: deploys ? { read: 'replacedBy', id } : undefined,
  });
  if (found === undefined || entries === undefined) throw deploymentNotFound(id);
  for (const action of actionsOf(fields)) {
    requireAccess({ caller, action, where: found.deployment }, controls);
  }
  if (override !== undefined) {
    requireAccess({ caller, action: 'override', where: found.deployment }, controls);
  }
  precondition(found);
  const { lease, head } = entries;
  if (isLive(lease, at)) requireToken(lease, found.deployment, leaseToken, fields);
  else if (leaseToken !== undefined) return tell(found, entries, leaseToken);

  const source = sourceOf(caller);
  const { target: waited, events: skippedBefore } = asSkipped(found, by, source, at);
  const isExpired = lease !== undefined && !isLive(lease, at) && fields.status !== undefined;
  const expired =
    isExpired && waited.deployment.status === 'in_progress' ? failExpired(waited, at) : undefined;
  const target = expired?.stored ?? waited;
  const before = target.deployment;
  const { status = before.status, notes = before.notes } = fields;
  const { deployment_uri: uri = before.deployment_uri } = fields;
  const moves = decideTransition(before.status, status);
  const isSame = !moves && notes === before.notes && uri === before.deployment_uri;
  if (isSame && expired === undefined) {
    return { changes: {}, result: { ...unchanged, stored: found } };
  }
  if (moves) requireStartable(head, before, status);
  const asksGates = moves && gatedStatuses.has(status);
  const gates = asksGates ? closedFor(before, controls, head.stored.environment, at) : [];
  const starts = moves && status === 'in_progress';
  if (starts && override === undefined) requireOpen(gates, before);
  const overrides = starts && override !== undefined && gates.length > 0;

  const stored = isSame ? target : nextState(target, { status, notes, deployment_uri: uri }, at);
  const isLate = moves && deploys && (expired !== undefined || (yield* ranOut(found)));
  const cause = overrides ? overriding(override) : isLate ? late : byRequest;
  const skips = moves && older !== undefined && head.stored.environment.order !== 'oldest';
  const skipped = skips ? skip(older, id, source, at) : { updated: [], events: [] };
  // A rollback counts once it is deployed, and against what had been deployed.
  const rolledBack = moves && replaced !== undefined && replaced.deployment.deployed_at !== null;
  const queue = entriesAfter(entries, found, stored, at);
  return {
    changes: {
      controlsAt: { organisation: before.organisation, revision: controls.revision },
      deployments: { updated: [changeOfState(found, stored), ...skipped.updated] },
      events: [
        ...skippedBefore,
        ...(expired === undefined ? [] : [expired.event]),
        ...(isSame ? [] : [recordEvent(target, stored, cause, source, at, gates)]),
        ...skipped.events,
      ],
      ...(skips &&
        mayBeMore(older, maxSkippedAtOnce) && {
          skipping: [{ deployed: stored, since: at }],
        }),
      ...(rolledBack && { rolledBack: [replaced] }),
      ...(queue !== undefined && { queue }),
    },
    result: { stored, changed: true, skipped: skipped.updated.length, overridden: overrides },
  };
}

/** Whether a deployment is `failed` because its lease ran out. */
function* ranOut({ deployment: { id, status } }: StoredDeployment) {
  if (status !== 'failed') return false;
  const { event } = yield* look({ event: { read: 'eventTo', id, status } as const });
  return event?.cause === 'lease_expired';
}
