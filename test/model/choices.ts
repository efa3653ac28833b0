import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import {
  blank,
  checkout,
  courses,
  createBodies,
  createFaults,
  rollbackBodies,
  rollbackFaults,
  spelledPlaces,
  statuses,
  targets,
  updateBodies,
  updateFaults,
  versions,
  writtenOf,
} from './bodies.js';
import type { CreateBody, Filter, Of, SpelledPlace, Status, UpdateBody } from './request.js';
import type { Fault, RollbackOptions } from './request.js';

/** Which deployment is meant: the caller's nth or newest, what runs, another organisation's, none. */
export interface Target {
  readonly nth: number;
  readonly whose: 'own' | 'running' | 'foreign' | 'nobody';
  readonly upperCase: boolean;
}

/** Which entity tags are sent, seen from the deployment that is meant. */
const tags = ['none', 'any', 'current', 'weak', 'gzip', 'br', 'former', 'several'] as const;
export type Tag = (typeof tags)[number];

/** A request in the making: what exists is found out when its turn has come. */
export type Choice =
  | Of<'create'>
  | { kind: 'get'; target: Target; tag: Tag }
  | { kind: 'update'; target: Target; tag: Tag; body: UpdateBody; fault?: Fault | undefined }
  /** A rollback that then fares in some way: several requests. */
  | {
      kind: 'rollbackTaxonomy';
      place: SpelledPlace;
      options: RollbackOptions;
      course: readonly Status[];
    }
  | {
      kind: 'rollbackDeployment';
      target: Target;
      options: RollbackOptions;
      course: readonly Status[];
    }
  | { kind: 'lineage'; target: Target }
  | { kind: 'events'; target: Target; limit?: number | undefined }
  | { kind: 'list'; filter: Filter; limit?: number | undefined }
  | {
      kind: 'next page';
      nth: number;
      whose: 'own' | 'foreign';
      other: boolean;
      limit?: number | undefined;
    }
  | { kind: 'again'; nth: number }
  /** Registers a version that then fares in some way: several requests. */
  | { kind: 'release'; body: CreateBody; course: readonly Status[] };

const keys = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom('key-1', 'key-2', '~!{}') },
);
const target: Arbitrary<Target> = fc.record({
  nth: fc.oneof(fc.constant(0), fc.nat(10)),
  whose: fc.oneof(
    { weight: 16, arbitrary: fc.constantFrom('own', 'running') },
    { weight: 1, arbitrary: fc.constantFrom('foreign', 'nobody') },
  ),
  upperCase: fc.boolean(),
});
const tag = fc.oneof(
  { weight: 3, arbitrary: fc.constant('none' as const) },
  { weight: 2, arbitrary: fc.constantFrom(...tags) },
);
const options: Arbitrary<RollbackOptions> = fc.record({
  target: targets,
  body: rollbackBodies,
  key: keys,
  fault: rollbackFaults,
});

const filterParts = {
  status: fc.oneof(statuses, fc.uniqueArray(statuses, { minLength: 1, maxLength: 3 })),
  trigger: fc.constantFrom('auto', 'manual', 'rollback'),
  name: fc.constantFrom('checkout', 'Checkout'),
  version: fc.constantFrom('1', '2', 'none such'),
  environment: fc.constantFrom('production', 'Production', 'PRÜFUNG'),
  provider: fc.constantFrom('gcp', 'aws'),
  cloud_account_id: fc.oneof(fc.constant('a/b?c=d&e'), blank),
  region: fc.oneof(fc.constantFrom('größe 🚀', 'grösse'), blank),
  cell: fc.oneof(fc.constant('null'), blank),
};
// Most lists ask for little, or they would all be empty.
const filter: Arbitrary<Filter> = fc
  .uniqueArray(fc.constantFrom(...Object.entries(filterParts)), { maxLength: 2 })
  .chain((parts) => fc.record<Record<string, string | string[]>>(Object.fromEntries(parts)));
const limit = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined, freq: 3 });

/** Choices of all eight operations, as often as it takes to make much happen. */
export const choice: Arbitrary<Choice> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('create' as const),
      body: createBodies,
      key: keys,
      fault: createFaults,
    }),
  },
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constant('release' as const),
      body: createBodies,
      course: courses,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('update' as const),
      target,
      tag,
      body: updateBodies,
      fault: updateFaults,
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('rollbackTaxonomy' as const),
      place: spelledPlaces.map(writtenOf),
      options,
      course: courses,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('rollbackDeployment' as const),
      target,
      options,
      course: courses,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('get' as const), target, tag }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lineage' as const), target }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('events' as const), target, limit }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('list' as const), filter, limit }) },
  {
    weight: 3,
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

const here = writtenOf(checkout);
// Without enough that was deployed, there is nothing to return to.
const mostlyDeployed = fc.oneof(
  { weight: 1, arbitrary: fc.constant<Status[]>(['deployed']) },
  { weight: 1, arbitrary: courses },
);

/** Choices of one place, in which much is deployed, found bad and rolled back. */
export const historyChoice: Arbitrary<Choice> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('release' as const),
      body: fc
        .record({ version: versions })
        .map((it) => ({ ...here, ...it, type: 'k8s' as const })),
      course: mostlyDeployed,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('rollbackTaxonomy' as const),
      place: fc.constant(here),
      options: fc.record({ target: targets, body: rollbackBodies }),
      course: mostlyDeployed,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('update' as const),
      target,
      tag: fc.constant('none' as const),
      // What a rollback copies may say where its own rollout is to be seen.
      body: fc.record(
        { status: statuses, deployment_uri: fc.constant('https://console.example/1') },
        { requiredKeys: ['status'] },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lineage' as const), target }) },
);
