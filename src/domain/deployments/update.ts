import type { Caller } from '../callers/caller.js';
import type { Decision } from '../decision.js';
import { look } from '../decision.js';
import { deploymentNotFound, nothingToUpdate } from '../errors.js';
import { actionsOf, requireAccess } from '../policies/access.js';
import { asSkipped, maxSkippedAtOnce, mayBeMore, skip } from './auto-skip.js';
import { changeOfState } from './changes.js';
import type { DeploymentUpdate, StoredDeployment } from './deployment.js';
import { byRequest, recordEvent, sourceOf } from './events.js';
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

/**
 * Applies an update: the life table, and the auto-skip of older `scheduled` deployments when the target
 * becomes `deployed`. Changes nothing when everything already is as asked for.
 *
 * @param at when, RFC 3339 in UTC with milliseconds
 * @throws ApplicationError `deployment-not-found`, `forbidden`, `transition-not-allowed`, or what the
 *   precondition throws
 */
export function* update(
  { id, fields, caller, precondition }: UpdateCommand,
  at: string,
): Decision<Update> {
  const deploys = fields.status === 'deployed';
  const { found, policies, by, older, replaced } = yield* look({
    found: { read: 'deployment', id },
    policies: { read: 'policies' },
    by: { read: 'skippedBy', id },
    older: deploys ? { read: 'olderScheduled', than: id, limit: maxSkippedAtOnce } : undefined,
    replaced: deploys ? { read: 'replacedBy', id } : undefined,
  });
  if (found === undefined) throw deploymentNotFound(id);
  for (const action of actionsOf(fields)) {
    requireAccess({ caller, action, taxonomy: found.deployment }, policies);
  }
  precondition(found);
  const source = sourceOf(caller);
  const { target, events: skippedBefore } = asSkipped(found, by, source, at);
  const before = target.deployment;
  const { status = before.status, notes = before.notes } = fields;
  const { deployment_uri: uri = before.deployment_uri } = fields;
  const moves = decideTransition(before.status, status);
  if (!moves && notes === before.notes && uri === before.deployment_uri) {
    return { changes: {}, result: { stored: found, changed: false, skipped: 0 } };
  }

  const stored = nextState(target, { status, notes, deployment_uri: uri }, at);
  const skips = moves && older !== undefined;
  const skipped = skips ? skip(older, id, source, at) : { updated: [], events: [] };
  // A rollback counts once it is deployed, and against what had been deployed.
  const rolledBack = moves && replaced !== undefined && replaced.deployment.deployed_at !== null;
  return {
    changes: {
      policiesAt: { organisation: before.organisation, revision: policies.revision },
      deployments: { updated: [changeOfState(found, stored), ...skipped.updated] },
      events: [
        ...skippedBefore,
        recordEvent(target, stored, byRequest, source, at),
        ...skipped.events,
      ],
      ...(skips &&
        mayBeMore(older) && {
          skipping: [{ deployed: stored, since: at }],
        }),
      ...(rolledBack && { rolledBack: [replaced] }),
    },
    result: { stored, changed: true, skipped: skipped.updated.length },
  };
}
