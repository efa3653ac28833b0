import type { Caller } from '../callers/caller.js';
import type { Controls } from '../controls/controls.js';
import { compileGlob } from '../scopes/glob.js';
import { compileScope } from '../scopes/scope.js';
import type { Place, Scope } from '../scopes/scope.js';
import type { Action, Policy, PolicyRule } from './policy.js';

/** A policy whose globs have been compiled. */
export interface CompiledPolicy {
  readonly name: string;
  readonly scope: Scope;
  /** Whether its scope has that place. */
  covers(place: Place): boolean;
  /** Which of its rules lets a caller take an action, from 0; -1 when none does. */
  ruleFor(caller: Caller, action: Action): number;
  /** Whether a rule is about anything but changing policies: otherwise it is about no place. */
  readonly isAboutPlaces: boolean;
}

type Test<Of> = (of: Of) => boolean;

/** Controls do not change, so each is compiled once, for as long as it is held. */
const compiled = new WeakMap<Controls, readonly CompiledPolicy[]>();

/** The policies among controls, compiled. */
export function compilePolicies(controls: Controls): readonly CompiledPolicy[] {
  let policies = compiled.get(controls);
  if (policies === undefined) {
    policies = controls.policies.map(compilePolicy);
    compiled.set(controls, policies);
  }
  return policies;
}

function compilePolicy({ name, scope, rules }: Policy): CompiledPolicy {
  const tests = rules.map((rule) => ({ may: new Set<Action>(rule.may), who: whoTest(rule.who) }));
  return {
    name,
    scope,
    covers: compileScope(scope),
    ruleFor: (caller, action) => tests.findIndex(({ may, who }) => may.has(action) && who(caller)),
    isAboutPlaces: rules.some(({ may }) => may.some((action) => action !== 'configure')),
  };
}

function whoTest({ job, person }: PolicyRule['who']): Test<Caller> {
  // Nobody, rather than everybody, should one be stored that names neither.
  if (job !== undefined) return jobTest(job);
  return person === undefined ? () => false : personTest(person);
}

function jobTest(who: NonNullable<PolicyRule['who']['job']>): Test<Caller> {
  const claims: Test<Caller>[] = [];
  const add = (
    glob: string | undefined,
    ignoreCase: boolean,
    claim: (caller: Caller) => string | null | undefined,
  ): void => {
    if (glob === undefined) return;
    const matches = compileGlob(glob, ignoreCase);
    claims.push((caller) => {
      const value = claim(caller);
      return typeof value === 'string' && matches(value);
    });
  };
  if (who.repository_id !== undefined) {
    const id = who.repository_id;
    claims.push(({ job }) => job?.repositoryId === id);
  }
  add(who.repository, true, ({ repository }) => repository);
  add(who.environment, true, ({ job }) => job?.environment);
  add(who.ref, false, ({ job }) => job?.ref);
  add(who.job_workflow_ref, false, ({ job }) => job?.workflowRef);
  return (caller) =>
    caller.source === 'oidc' && claims.length > 0 && claims.every((claim) => claim(caller));
}

function personTest({ login, role }: NonNullable<PolicyRule['who']['person']>): Test<Caller> {
  const lower = login?.toLowerCase();
  if (lower === undefined && role === undefined) return () => false;
  return ({ source, actor, role: has }) =>
    source === 'pat' &&
    (lower === undefined || actor?.toLowerCase() === lower) &&
    (role !== 'admin' || has === 'admin');
}
