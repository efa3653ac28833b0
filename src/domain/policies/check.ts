import type { Caller } from '../callers/caller.js';
import type { Taxonomy } from '../deployments/taxonomy.js';
import { contractViolation } from '../errors.js';
import { decideAccess } from './access.js';
import type { Controls } from '../controls/controls.js';
import type { AccessCheck, AccessDecision } from './policy.js';

/**
 * Answers a question about who may do what.
 *
 * @param asker who asks, and is asked about unless the question names another
 * @throws ApplicationError `contract-violation` when the action is about a place and none is named
 */
export function checkAccess(
  question: AccessCheck,
  asker: Caller,
  controls: Controls,
): AccessDecision {
  const { action } = question;
  return decideAccess(
    { caller: callerOf(question, asker), action, where: taxonomyOf(question, asker.organisation) },
    controls,
  );
}

const required = ['name', 'environment', 'provider'] as const;

function taxonomyOf(question: AccessCheck, organisation: string): Taxonomy | undefined {
  const { action, name, environment, provider } = question;
  if (action === 'read' || action === 'configure') return undefined;
  if (name === undefined || environment === undefined || provider === undefined) {
    const missing = required.filter((part) => question[part] === undefined);
    const message = `is required for ${action}, which is about a place`;
    throw contractViolation(missing.map((part) => ({ pointer: `#/${part}`, message })));
  }
  return {
    organisation,
    name,
    environment,
    provider,
    cloud_account_id: question.cloud_account_id ?? null,
    region: question.region ?? null,
    cell: question.cell ?? null,
  };
}

function callerOf({ caller }: AccessCheck, asker: Caller): Caller {
  const { organisation } = asker;
  if (caller?.job !== undefined) {
    const { repository, repository_id: id, ref, environment } = caller.job;
    const { job_workflow_ref: workflowRef, event_name: eventName } = caller.job;
    return {
      organisation,
      actor: null,
      repository: repository ?? null,
      workflow: null,
      job: {
        actorId: null,
        repositoryId: id ?? null,
        ref: ref ?? null,
        commitSha: null,
        runId: null,
        runAttempt: null,
        eventName: eventName ?? null,
        environment: environment ?? null,
        workflowRef: workflowRef ?? null,
      },
      source: 'oidc',
    };
  }
  if (caller?.person === undefined) return asker;
  const { login, role } = caller.person;
  return {
    organisation,
    actor: login ?? null,
    repository: null,
    workflow: null,
    source: 'pat',
    role: role ?? 'member',
  };
}
