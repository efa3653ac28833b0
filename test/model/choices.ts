import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { defined } from './request.js';
import type { Deployment, Place, Status } from './request.js';

/** Which deployment is meant: the caller's nth or newest released, another organisation's, none. */
export interface Target {
  readonly nth: number;
  readonly whose: 'own' | 'running' | 'foreign' | 'nobody';
  readonly upperCase: boolean;
}

/** Which entity tags are sent, seen from the deployment that is meant. */
const tags = ['none', 'any', 'current', 'weak', 'former', 'several'] as const;
export type Tag = (typeof tags)[number];

/** A request in the making: what exists is found out when its turn has come. */
export type Choice =
  | {
      kind: 'create';
      body: Record<string, unknown>;
      key?: string | undefined;
      fault?: string | undefined;
    }
  | { kind: 'get'; target: Target; tag: Tag }
  | { kind: 'update'; target: Target; tag: Tag; body: Partial<Deployment> }
  | {
      kind: 'rollbackTaxonomy';
      place: Place;
      version?: string | undefined;
      key?: string | undefined;
      /** Where the rollback is then moved to, by a second request. */
      then?: Status | undefined;
    }
  | {
      kind: 'rollbackDeployment';
      target: Target;
      version?: string | undefined;
      key?: string | undefined;
    }
  | { kind: 'lineage' | 'events'; target: Target }
  | { kind: 'list'; filter: Record<string, string>; limit?: number | undefined }
  | {
      kind: 'next page';
      nth: number;
      whose: 'own' | 'foreign';
      other: boolean;
      limit?: number | undefined;
    }
  | { kind: 'again'; nth: number }
  /** Registers a version and deploys it: two requests. */
  | { kind: 'release'; body: Record<string, unknown> };

/** Few places, so that much happens in each; they differ in case, and in what is absent. */
const checkout: Place = {
  name: 'checkout',
  environment: 'production',
  provider: 'gcp',
  cloud_account_id: null,
  region: null,
  cell: null,
};
const places = fc.oneof(
  { weight: 10, arbitrary: fc.constant(checkout) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { ...checkout, cell: 'null' },
      { ...checkout, name: 'Checkout', cloud_account_id: 'a/b?c=d&e', region: 'größe 🚀' },
    ),
  },
);
const versions = fc.constantFrom('1', '2', '3');
const keys = fc.option(fc.constantFrom('key-1', 'key-2', '~!{}'), { nil: undefined, freq: 2 });
const statuses = fc.constantFrom<Status[]>(
  ...([
    'deployed',
    'deployed',
    'deployed',
    'failed',
    'in_progress',
    'scheduled',
    'skipped',
  ] as const),
);
const text = fc.option(fc.string({ unit: 'grapheme', maxLength: 5 }), { nil: null });

const target: Arbitrary<Target> = fc.record({
  nth: fc.oneof(fc.constant(0), fc.nat(10)),
  whose: fc.oneof(
    { weight: 16, arbitrary: fc.constantFrom('own', 'own', 'running') },
    { weight: 1, arbitrary: fc.constantFrom('foreign', 'nobody') },
  ),
  upperCase: fc.boolean(),
});
const tag = fc.oneof(
  { weight: 3, arbitrary: fc.constant('none' as const) },
  { weight: 2, arbitrary: fc.constantFrom(...tags) },
);

const settable = fc.record(
  {
    auto: fc.boolean(),
    commit_sha: text,
    description: text,
    notes: text,
    build_uri: text,
    deployment_uri: text,
    resource: text,
    pipeline_extra_params: fc.option(fc.json({ maxDepth: 1 }), { nil: null }),
  },
  { requiredKeys: [] },
);
const body = fc
  .tuple(places, versions, fc.constantFrom('k8s', 'terraform', 'data_pipeline'), settable)
  .map(([place, version, type, more]) => ({ ...defined(place), version, type, ...more }));

/** Bodies with one fault, and where it is. */
const faults: Readonly<Record<string, Record<string, unknown>>> = {
  '#/name': { name: '' },
  '#/version': { version: undefined },
  '#/environment': { environment: 7 },
  '#/provider': { provider: 'ibm' },
  '#/cell': { cell: 'x'.repeat(256) },
  '#/auto': { auto: 'true' },
  '#/organisation': { organisation: 'other' },
  '#/pipeline_extra_params': { pipeline_extra_params: '{' },
};

const create: Arbitrary<Choice> = fc.oneof(
  { weight: 9, arbitrary: fc.record({ kind: fc.constant('create' as const), body, key: keys }) },
  {
    weight: 1,
    arbitrary: fc
      .record({ body, key: keys, fault: fc.constantFrom(...Object.keys(faults)) })
      .map(({ body: sound, key, fault }) => ({
        kind: 'create' as const,
        body: { ...sound, ...faults[fault] },
        key,
        fault,
      })),
  },
);
const update: Arbitrary<Choice> = fc.record({
  kind: fc.constant('update' as const),
  target,
  tag,
  body: fc.oneof(
    { weight: 5, arbitrary: fc.record({ status: statuses }) },
    {
      weight: 2,
      arbitrary: fc.record(
        { status: statuses, notes: text, deployment_uri: text },
        { requiredKeys: [] },
      ),
    },
  ),
});
const version = fc.option(fc.oneof(versions, fc.constant('none such')), {
  nil: undefined,
  freq: 3,
});
const filter = fc
  .record(
    {
      status: statuses,
      trigger: fc.constantFrom('auto', 'manual', 'rollback'),
      name: fc.constantFrom('checkout', 'Checkout'),
      environment: fc.constantFrom('production', 'Production'),
      provider: fc.constantFrom('gcp', 'aws'),
      cloud_account_id: fc.constant('a/b?c=d&e'),
      region: fc.constantFrom('größe 🚀', 'grösse'),
      cell: fc.constant('null'),
    },
    { requiredKeys: [] },
  )
  // Most lists ask for little, or they would all be empty.
  .chain((all) => fc.subarray(Object.entries(all), { maxLength: 2 }))
  .map((entries): Record<string, string> => Object.fromEntries(entries));
const limit = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined, freq: 3 });

/** Choices of all eight operations, as often as it takes to make much happen. */
export const choice: Arbitrary<Choice> = fc.oneof(
  { weight: 4, arbitrary: create },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('release' as const), body }) },
  { weight: 8, arbitrary: update },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('rollbackTaxonomy' as const),
      place: places,
      version,
      key: keys,
      then: fc.option(statuses, { nil: undefined }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('rollbackDeployment' as const),
      target,
      version,
      key: keys,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('get' as const), target, tag }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('lineage', 'events'), target }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('list' as const), filter, limit }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('next page' as const),
      nth: fc.nat(10),
      whose: fc.constantFrom('own', 'own', 'own', 'foreign'),
      other: fc.boolean(),
      limit,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('again' as const), nth: fc.nat(5) }) },
);
