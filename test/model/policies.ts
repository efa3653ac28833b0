/**
 * The design's rules of who may do what, told a second time and in the plainest way, without a line of `src`;
 * and a comparison with the service, through which two repositories, two people and an owner go in turn, while
 * policies are put and deleted.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import type { Response } from 'supertest';

/** Who calls: the claims that count here, or a person. */
export interface ModelCaller {
  readonly job?: {
    repository: string;
    id: string;
    ref: string;
    environment?: string;
    event: string;
  };
  readonly person?: { login: string; owner: boolean };
}

const till = { repository: 'acme/till', id: '1' };
const shop = { repository: 'acme/shop', id: '2' };

/** Everybody who calls. */
export const callers: Readonly<Record<string, ModelCaller>> = {
  'till main': {
    job: { ...till, ref: 'refs/heads/main', environment: 'production', event: 'push' },
  },
  'till branch': { job: { ...till, ref: 'refs/heads/x', event: 'push' } },
  'till pull request': {
    job: { ...till, ref: 'refs/pull/1/merge', environment: 'production', event: 'pull_request' },
  },
  'shop main': {
    job: { ...shop, ref: 'refs/heads/main', environment: 'production', event: 'push' },
  },
  mona: { person: { login: 'mona', owner: false } },
  max: { person: { login: 'max', owner: false } },
  olga: { person: { login: 'olga', owner: true } },
};

const actions = ['register', 'start', 'report', 'cancel', 'rollback'] as const;
type Action = (typeof actions)[number];

/** Where something happens; all at one provider, with no part but these. */
interface Place {
  readonly name: string;
  readonly environment: string;
  readonly region: string | null;
}

export const places: readonly Place[] = ['production', 'staging'].flatMap((environment) =>
  ['checkout', 'basket'].flatMap((name) =>
    [null, 'europe-west1'].map((region) => ({ name, environment, region })),
  ),
);

/** The scopes and rules that policies are made of, each with what it means. */
const scopes: readonly { readonly said: object; covers(place: Place): boolean }[] = [
  { said: {}, covers: () => true },
  {
    said: { environment: 'Production' },
    covers: ({ environment }) => environment === 'production',
  },
  { said: { name: 'check*' }, covers: ({ name }) => name.startsWith('check') },
  { said: { region: null }, covers: ({ region }) => region === null },
  { said: { region: 'europe-*' }, covers: ({ region }) => region?.startsWith('europe-') === true },
  { said: { provider: 'aws' }, covers: () => false },
  {
    said: { name: 'basket', environment: 'prod*', cell: null },
    covers: ({ name, environment }) => name === 'basket' && environment.startsWith('prod'),
  },
];
const whos: readonly { readonly said: object; is(caller: ModelCaller): boolean }[] = [
  {
    said: { job: { repository: 'Acme/Till' } },
    is: ({ job }) => job?.repository === 'acme/till',
  },
  {
    said: { job: { repository: 'acme/*', ref: 'refs/heads/main' } },
    is: ({ job }) => job?.ref === 'refs/heads/main',
  },
  {
    said: { job: { repository: 'acme/till', repository_id: '1', environment: 'production' } },
    is: ({ job }) => job?.id === '1' && job.environment === 'production',
  },
  { said: { job: { repository: 'acme/shop', repository_id: '1' } }, is: () => false },
  { said: { person: { login: 'MONA' } }, is: ({ person }) => person?.login === 'mona' },
  { said: { person: { role: 'member' } }, is: ({ person }) => person !== undefined },
  { said: { person: { role: 'admin' } }, is: ({ person }) => person?.owner === true },
  {
    said: { person: { login: 'max', role: 'admin' } },
    is: () => false,
  },
];

/** A policy in the making: numbers of a scope and of whos. */
export interface ModelPolicy {
  readonly scope: number;
  readonly rules: readonly { readonly who: number; readonly may: readonly Action[] }[];
}

export type Step =
  | {
      readonly kind: 'put';
      readonly by: string;
      readonly name: string;
      readonly policy: ModelPolicy;
    }
  | { readonly kind: 'delete'; readonly by: string; readonly name: string }
  | { readonly kind: 'act'; readonly by: string; readonly action: Action; readonly place: number };

const policy: fc.Arbitrary<ModelPolicy> = fc.record({
  scope: fc.nat(scopes.length - 1),
  rules: fc.array(
    fc.record({
      who: fc.nat(whos.length - 1),
      may: fc.uniqueArray(fc.constantFrom(...actions), { minLength: 1 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});
const anybody = fc.constantFrom(...Object.keys(callers));
// Others than the owner change nothing.
const changer = fc.oneof(
  { weight: 4, arbitrary: fc.constant('olga') },
  { weight: 1, arbitrary: anybody },
);
const name = fc.constantFrom('a', 'b', 'c');
const act = fc.record({
  kind: fc.constant('act' as const),
  by: anybody,
  action: fc.constantFrom(...actions),
  place: fc.nat(places.length - 1),
});

/** Steps of everybody. */
export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('put' as const), by: changer, name, policy }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('delete' as const), by: changer, name }),
    },
    { weight: 8, arbitrary: act },
  ),
  { maxLength: 30, size: 'max' },
);

/** What a policy says on the wire. */
export function bodyOf({ scope, rules }: ModelPolicy): object {
  return {
    scope: scopes[scope]?.said,
    rules: rules.map(({ who, may }) => ({ who: whos[who]?.said, may })),
  };
}

/** Policies by name, and what they make of callers. */
export class ModelPolicies {
  readonly #policies = new Map<string, ModelPolicy>();
  /** How many changes there have been. */
  changes = 0;

  mayConfigure(caller: ModelCaller): boolean {
    return caller.person?.owner === true;
  }

  has(policyName: string): boolean {
    return this.#policies.has(policyName);
  }

  /** @returns whether anything changed */
  put(policyName: string, put: ModelPolicy): boolean {
    const before = this.#policies.get(policyName);
    if (before !== undefined && JSON.stringify(bodyOf(before)) === JSON.stringify(bodyOf(put))) {
      return false;
    }
    this.#policies.set(policyName, put);
    this.changes += 1;
    return true;
  }

  delete(policyName: string): void {
    this.#policies.delete(policyName);
    this.changes += 1;
  }

  names(): string[] {
    return [...this.#policies.keys()].sort();
  }

  /** Those whose scope has the place, by name; nobody may there but by a rule of theirs. */
  about(place: Place): string[] {
    return this.names().filter((each) => this.#covers(each, place));
  }

  mayAct(caller: ModelCaller, action: Action, place: Place): boolean {
    if (caller.job?.event === 'pull_request') return false;
    const about = this.about(place);
    if (about.length === 0) return true;
    return about.some((each) =>
      this.#policies
        .get(each)
        ?.rules.some(({ who, may }) => may.includes(action) && whos[who]?.is(caller) === true),
    );
  }

  #covers(policyName: string, place: Place): boolean {
    const { scope = 0 } = this.#policies.get(policyName) ?? {};
    return scopes[scope]?.covers(place) === true;
  }
}

/** Expects of a response what the model says of an act. */
export function expectAct(
  policies: ModelPolicies,
  { by, action, place }: Extract<Step, { kind: 'act' }>,
  response: Pick<Response, 'status' | 'body' | 'text'>,
): void {
  const [caller, where] = [callers[by] ?? {}, places[place]];
  if (where === undefined) throw new Error('There is no such place');
  const allowed = policies.mayAct(caller, action, where);
  // What is allowed may still not be possible.
  expect(response.status === 403, response.text).to.equal(!allowed);
  expect(response.status, response.text).to.be.oneOf([200, 201, 403, 404, 409]);
  if (allowed) return;
  const { access } = response.body as { access: Record<string, unknown> };
  const outside = caller.job?.event === 'pull_request';
  expect(access).to.deep.include({
    action,
    allowed: false,
    decided_by: outside ? 'pull_request' : 'policy',
    policies: outside ? [] : policies.about(where),
  });
}
