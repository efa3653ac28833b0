import type { Caller } from '../callers/caller.js';
import { nextControls } from '../controls/controls.js';
import type { Controls, ControlsChange } from '../controls/controls.js';
import type { Decision } from '../decision.js';
import { look } from '../decision.js';
import { sourceOf } from '../deployments/events.js';
import { ApplicationError, policyNotFound } from '../errors.js';
import { scopeInOneForm } from '../scopes/scope.js';
import { requireAccess } from './access.js';
import { requireSound } from './faults.js';
import { maxPolicies, maxPolicyChars } from './policy.js';
import type { Policy, PolicyEvent, PolicyPut, PolicyRule } from './policy.js';

/** Which policy is to change, by whom, and under which condition. */
export interface PolicyCommand {
  readonly name: string;
  readonly caller: Caller;
  /** Throws when the policy is not one that the caller is content with. */
  readonly precondition: ((policy: Policy) => void) | undefined;
}

/** A policy after it was put, and whether it is new. */
export interface PutPolicy {
  readonly policy: Policy;
  readonly created: boolean;
}

/**
 * Creates or replaces a policy; changes nothing when it already is as asked for.
 *
 * @param at when, RFC 3339 in UTC with milliseconds
 * @throws ApplicationError `contract-violation`, `forbidden`, `policy-not-found` with a precondition,
 *   `policies-full`, or what the precondition throws
 */
export function* putPolicy(
  command: PolicyCommand,
  put: PolicyPut,
  at: string,
): Decision<PutPolicy> {
  const { name, caller } = command;
  requireSound(put);
  const { controls, present } = yield* lookAt(command);
  const { scope, rules } = inOneForm(put);
  if (present !== undefined && isSame(present, { scope, rules })) {
    return { changes: {}, result: { policy: present, created: false } };
  }
  const revision = controls.revision + 1;
  const policy: Policy = {
    name,
    scope,
    rules,
    revision,
    created_at: present?.created_at ?? at,
    updated_at: at,
  };
  const policies = [...controls.policies.filter((other) => other.name !== name), policy].sort(
    byName,
  );
  requireRoom(policies);
  const type = present === undefined ? 'created' : 'replaced';
  const event = eventOf({ revision, type, scope, rules }, caller, at);
  const to = nextControls(controls, { policies }, at);
  return {
    changes: { controls: changeOf(command, to, event) },
    result: { policy, created: present === undefined },
  };
}

/**
 * Deletes a policy.
 *
 * @param at when, RFC 3339 in UTC with milliseconds
 * @throws ApplicationError `forbidden`, `policy-not-found`, or what the precondition throws
 */
export function* deletePolicy(command: PolicyCommand, at: string): Decision<undefined> {
  const { name, caller } = command;
  const { controls, present } = yield* lookAt(command);
  if (present === undefined) throw policyNotFound(name);
  const revision = controls.revision + 1;
  const policies = controls.policies.filter((other) => other.name !== name);
  const event = eventOf({ revision, type: 'deleted', scope: null, rules: null }, caller, at);
  const to = nextControls(controls, { policies }, at);
  return { changes: { controls: changeOf(command, to, event) }, result: undefined };
}

/** The policies, and the one that is to change, for who may change it. */
function* lookAt({ name, caller, precondition }: PolicyCommand) {
  const { controls } = yield* look({ controls: { read: 'controls' } as const });
  requireAccess({ caller, action: 'configure', where: undefined }, controls);
  const present = controls.policies.find((policy) => policy.name === name);
  if (precondition !== undefined) {
    if (present === undefined) throw policyNotFound(name);
    precondition(present);
  }
  return { controls, present };
}

function changeOf(
  { name, caller: { organisation } }: PolicyCommand,
  to: Controls,
  event: PolicyEvent,
): ControlsChange {
  return { organisation, name, to, event };
}

function eventOf(
  event: Pick<PolicyEvent, 'revision' | 'type' | 'scope' | 'rules'>,
  caller: Caller,
  at: string,
): PolicyEvent {
  const { revision, type, scope, rules } = event;
  return { revision, type, occurred_at: at, scope, rules, ...sourceOf(caller) };
}

function requireRoom(policies: readonly Policy[]): void {
  const full = (what: string) =>
    new ApplicationError('policies-full', `${what}; delete or shorten one first`);
  if (policies.length > maxPolicies) {
    throw full(`An organisation has at most ${maxPolicies} policies`);
  }
  if (JSON.stringify(policies).length > maxPolicyChars) {
    throw full(`The policies of an organisation take at most ${maxPolicyChars} characters as JSON`);
  }
}

/** With the fields in one order, and environments in lower case. */
function inOneForm({ scope, rules }: PolicyPut): PolicyPut {
  return {
    scope: scopeInOneForm(scope),
    rules: rules.map(({ who, may }) => ({ who: whoInOneForm(who), may: [...may] })),
  };
}

function whoInOneForm({ job, person }: PolicyRule['who']): PolicyRule['who'] {
  if (job === undefined) {
    const { login, role } = person ?? {};
    return {
      person: { ...(login !== undefined && { login }), ...(role !== undefined && { role }) },
    };
  }
  const { repository, repository_id, ref, environment, job_workflow_ref } = job;
  return {
    job: {
      ...(repository !== undefined && { repository }),
      ...(repository_id !== undefined && { repository_id }),
      ...(ref !== undefined && { ref }),
      ...(environment !== undefined && { environment: environment.toLowerCase() }),
      ...(job_workflow_ref !== undefined && { job_workflow_ref }),
    },
  };
}

function isSame(present: Policy, put: PolicyPut): boolean {
  return JSON.stringify(inOneForm(present)) === JSON.stringify(put);
}

function byName(a: Policy, b: Policy): number {
  return a.name < b.name ? -1 : 1;
}
