import type { Caller } from '../callers/caller.js';
import type { Decision } from '../decision.js';
import { look } from '../decision.js';
import { deploymentNotFound, nothingToUpdate } from '../errors.js';
import { actionsOf, requireAccess } from '../policies/access.js';
import { failExpired } from '../queue/expire.js';
import { tell } from '../queue/hold.js';
import type { Held } from '../queue/hold.js';
import { isLive, requireToken } from '../queue/lease.js';
import { entriesAfter, requireStartable } from '../queue/update.js';
import { asSkipped, maxSkippedAtOnce, mayBeMore, skip } from './auto-skip.js';
import { changeOfState } from './changes.js';
import type { DeploymentUpdate, StoredDeployment } from './deployment.js';
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
}

/** What is to be updated, by whom, and under which condition. */
export interface UpdateCommand {
  readonly id: string;
  readonly fields: DeploymentUpdate;
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

const late: Cause = { cause: 'late', deploymentId: null, reason: null };

/**
 * Applies an update: the life table, and the auto-skip of older `scheduled` deployments when the target
 * becomes `deployed`, unless every version has its turn. Changes nothing when everything already is as asked
 * for. While a lease lives, the status is its holder's.
 *
 * @param at when, RFC 3339 in UTC with milliseconds
 * @returns that the lease is lost, where the caller has a token that is no longer good
 * @throws ApplicationError `deployment-not-found`, `forbidden`, `transition-not-allowed`, `lease-held`,
 *   `lease-required`, or what the precondition throws
 */
export function* update(
  { id, fields, caller, leaseToken, precondition }: UpdateCommand,
  at: string,
): Decision<Held<Update>> {
  const deploys = fields.status === 'deployed';
  const { found, policies, entries, by, older, replaced } = yield* look({
    found: { read: 'deployment', id },
    policies: { read: 'policies' },
    entries: { read: 'ownEntries', id },
    by: { read: 'skippedBy', id },
    older: deploys ? { read: 'olderScheduled', than: id, limit: maxSkippedAtOnce } : undefined,
    replaced: deploys ? { read: 'replacedBy', id } : undefined,
  });
  if (found === undefined || entries === undefined) throw deploymentNotFound(id);
  for (const action of actionsOf(fields)) {
    requireAccess({ caller, action, taxonomy: found.deployment }, policies);
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
    return { changes: {}, result: { stored: found, changed: false, skipped: 0 } };
  }
  if (moves) requireStartable(head, before, status);

  const stored = isSame ? target : nextState(target, { status, notes, deployment_uri: uri }, at);
  const isLate = moves && deploys && (expired !== undefined || (yield* ranOut(found)));
  const skips = moves && older !== undefined && head.stored.environment.order !== 'oldest';
  const skipped = skips ? skip(older, id, source, at) : { updated: [], events: [] };
  // A rollback counts once it is deployed, and against what had been deployed.
  const rolledBack = moves && replaced !== undefined && replaced.deployment.deployed_at !== null;
  const queue = entriesAfter(entries, found, stored, at);
  return {
    changes: {
      policiesAt: { organisation: before.organisation, revision: policies.revision },
      deployments: { updated: [changeOfState(found, stored), ...skipped.updated] },
      events: [
        ...skippedBefore,
        ...(expired === undefined ? [] : [expired.event]),
        ...(isSame ? [] : [recordEvent(target, stored, isLate ? late : byRequest, source, at)]),
        ...skipped.events,
      ],
      ...(skips &&
        mayBeMore(older) && {
          skipping: [{ deployed: stored, since: at }],
        }),
      ...(rolledBack && { rolledBack: [replaced] }),
      ...(queue !== undefined && { queue }),
    },
    result: { stored, changed: true, skipped: skipped.updated.length },
  };
}

/** Whether a deployment is `failed` because its lease ran out. */
function* ranOut({ deployment: { id, status } }: StoredDeployment) {
  if (status !== 'failed') return false;
  const { event } = yield* look({ event: { read: 'eventTo', id, status } as const });
  return event?.cause === 'lease_expired';
}
