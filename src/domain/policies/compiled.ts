import type { Caller } from '../callers/caller.js';
import type { Taxonomy } from '../deployments/taxonomy.js';
import { compileGlob } from './glob.js';
import type { Action, Policy, PolicyRule, PolicyScope, PolicySet } from './policy.js';

/** A policy whose globs have been compiled. */
export interface CompiledPolicy {
  readonly name: string;
  /** Whether its scope has that place. */
  covers(place: Place): boolean;
  /** Which of its rules lets a caller take an action, from 0; -1 when none does. */
  ruleFor(caller: Caller, action: Action): number;
  /** Whether a rule is about anything but changing policies: otherwise it is about no place. */
  readonly isAboutPlaces: boolean;
}

/** The parts of a taxonomy within an organisation. */
export type Place = Omit<Taxonomy, 'organisation'>;

type Test<Of> = (of: Of) => boolean;

/** Sets do not change, so each is compiled once, for as long as it is held. */
const compiled = new WeakMap<PolicySet, readonly CompiledPolicy[]>();

/** The policies of a set, compiled. */
export function compilePolicies(set: PolicySet): readonly CompiledPolicy[] {
  let policies = compiled.get(set);
  if (policies === undefined) {
    policies = set.policies.map(compilePolicy);
    compiled.set(set, policies);
  }
  return policies;
}

function compilePolicy({ name, scope, rules }: Policy): CompiledPolicy {
  const parts = scopeTests(scope);
  const tests = rules.map((rule) => ({ may: new Set<Action>(rule.may), who: whoTest(rule.who) }));
  return {
    name,
    covers: (place) => parts.every((part) => part(place)),
    ruleFor: (caller, action) => tests.findIndex(({ may, who }) => may.has(action) && who(caller)),
    isAboutPlaces: rules.some(({ may }) => may.some((action) => action !== 'configure')),
  };
}

const scopeParts = [
  'name',
  'environment',
  'provider',
  'cloud_account_id',
  'region',
  'cell',
] as const satisfies readonly (keyof Place)[];

function scopeTests(scope: PolicyScope): Test<Place>[] {
  return scopeParts.flatMap((part): Test<Place>[] => {
    const glob = scope[part];
    if (glob === undefined) return [];
    if (glob === null) return [(place) => place[part] === null];
    const matches = compileGlob(glob, part === 'environment');
    return [
      (place) => {
        const value = place[part];
        return value !== null && matches(value);
      },
    ];
  });
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
