import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { defined } from './request.js';
import type {
  CreateBody,
  Fault,
  Place,
  RollbackBody,
  SpelledPlace,
  Status,
  UpdateBody,
} from './request.js';

/** Few places, so that much happens in each; they differ in case, and in what is absent. */
export const checkout: Place = {
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
      {
        ...checkout,
        name: 'Checkout',
        environment: 'prüfung',
        cloud_account_id: 'a/b?c=d&e',
        region: 'größe 🚀',
      },
    ),
  },
);

/** Text that stands for nothing where a part of a place may be absent. */
export const blank = fc.constantFrom('', ' ', '\t ');

/** A place as a request may write it, `null` for what is left out. */
export const spelledPlaces: Arbitrary<SpelledPlace> = fc
  .tuple(places, fc.option(blank, { freq: 2 }), fc.constantFrom('lower', 'lower', 'upper'))
  .map(([place, absent, letters]) => ({
    ...place,
    environment: letters === 'upper' ? place.environment.toUpperCase() : place.environment,
    cloud_account_id: place.cloud_account_id ?? absent,
    region: place.region ?? absent,
    cell: place.cell ?? absent,
  }));

/** Text of some length, in characters of which the last takes four bytes and two units. */
function filled(length: number): string {
  return 'x'.repeat(length - 1) + '🚀';
}

/** Text, now and then as long as may be: a list has to stay one page. */
function textTo(maxLength: number, short = fc.string({ unit: 'grapheme', maxLength: 5 })) {
  return fc.oneof(
    { weight: 8, arbitrary: fc.constant(null) },
    { weight: 16, arbitrary: short },
    { weight: 1, arbitrary: fc.constant(filled(maxLength)) },
  );
}
const uris = fc.constantFrom(
  null,
  'https://ci.example/1',
  'http://größe.example:8080/🚀?a=b#c',
  `https://ci.example/${filled(2048 - 'https://ci.example/'.length)}`,
);
const instants = fc.constantFrom(
  null,
  '2026-01-05T09:12:44Z',
  '2026-01-05T09:12:44.5+05:30',
  '2025-12-31T23:59:59.999-12:00',
  '2024-02-29t00:00:00.123456z',
);

export const versions = fc.oneof(
  { weight: 40, arbitrary: fc.constantFrom('1', '2', '3', '4') },
  { weight: 1, arbitrary: fc.constant(filled(255)) },
);
/** A version to return to; absent for the last good one. */
export const targets = fc.oneof(
  { weight: 8, arbitrary: fc.constant(undefined) },
  { weight: 7, arbitrary: versions },
  { weight: 1, arbitrary: fc.constant('none such') },
);

const said = fc.record(
  {
    auto: fc.boolean(),
    commit_sha: textTo(64),
    commit_at: instants,
    description: textTo(4096),
    notes: textTo(4096),
    build_uri: uris,
    deployment_uri: uris,
    resource: textTo(255),
    pipeline_extra_params: textTo(16384, fc.constantFrom('{"canary": 10}', '{canary: 10}', '')),
  },
  { requiredKeys: [] },
);
export const createBodies: Arbitrary<CreateBody> = fc
  .tuple(
    spelledPlaces,
    fc.boolean(),
    versions,
    fc.constantFrom('k8s', 'terraform', 'data_pipeline'),
    said,
  )
  .map(([place, whole, version, type, more]) => ({
    ...(whole ? place : writtenOf(place)),
    version,
    type,
    ...more,
  }));

/** A place without its parts that are `null`. */
export function writtenOf({ name, environment, provider, ...parts }: SpelledPlace): SpelledPlace {
  return { name, environment, provider, ...defined(parts) };
}

export const statuses = fc.constantFrom<Status[]>(
  ...(['deployed', 'deployed', 'deployed', 'failed', 'in_progress', 'in_progress'] as const),
  ...(['cancelled', 'scheduled', 'skipped'] as const),
);
export const updateBodies: Arbitrary<UpdateBody> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({}) },
  { weight: 15, arbitrary: fc.record({ status: statuses }) },
  {
    weight: 9,
    arbitrary: fc.record(
      { status: statuses, notes: textTo(4096), deployment_uri: uris },
      { requiredKeys: [] },
    ),
  },
);
/** How a deployment fares, as far as it is told. */
export const courses = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom<Status[][]>(
      ['deployed'],
      ['deployed'],
      ['in_progress', 'deployed'],
      ['in_progress', 'failed'],
      ['in_progress', 'cancelled'],
      ['deployed', 'failed'],
      ['in_progress'],
      ['failed'],
      [],
    ),
  },
  { weight: 1, arbitrary: fc.array(statuses, { maxLength: 3 }) },
);

export const rollbackBodies: Arbitrary<RollbackBody | undefined> = fc.oneof(
  { weight: 8, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: fc.constant({}) },
  { weight: 8, arbitrary: fc.record({ reason: textTo(4096) }) },
  { weight: 1, arbitrary: fc.constantFrom({ reason: '' }, { reason: ' \t' }) },
  // Whoever cuts it in bytes or in units cuts a character in two.
  { weight: 1, arbitrary: fc.constant({ reason: `x${'🚀'.repeat(4095)}` }) },
);

/** One fault, in one request of ten. */
function rarely(all: readonly (readonly [string, unknown])[]): Arbitrary<Fault | undefined> {
  const faults = all.map(([field, value]) => ({ at: `#/${field}`, fields: { [field]: value } }));
  return fc.oneof(
    { weight: 9, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(...faults) },
  );
}

const badUris = [
  '',
  'https://',
  'javascript:alert(1)',
  'ftp://ci.example/1',
  'https://ci.example/ 1',
];
const changeFaults: [string, unknown][] = [
  ['notes', filled(4097)],
  ['notes', 'a\0b'],
  ['deployment_uri', `https://ci.example/${filled(2048)}`],
  ...badUris.map((uri): [string, unknown] => ['deployment_uri', uri]),
];
export const updateFaults = rarely([
  ...changeFaults,
  ['status', 'done'],
  ['version', '2'],
  ['started_at', '2026-01-05T09:12:44.000Z'],
]);
export const createFaults = rarely([
  ...changeFaults,
  ['name', ''],
  ['name', filled(256)],
  ['version', undefined],
  ['environment', 7],
  ['provider', 'ibm'],
  ['cloud_account_id', filled(256)],
  ['region', filled(256)],
  ['cell', ' '.repeat(256)],
  ['type', 'vm'],
  ['auto', 'true'],
  ['commit_sha', filled(65)],
  ['commit_at', 'yesterday'],
  ['commit_at', '2026-02-30T00:00:00Z'],
  ['commit_at', '2026-13-01T00:00:00Z'],
  ['commit_at', '2026-01-05T09:12:44'],
  ['commit_at', '2026-01-05T09:12:44+0530'],
  ['commit_at', '9999-12-31T23:59:59-00:01'],
  ['description', filled(4097)],
  ['build_uri', 'javascript:alert(1)'],
  ['resource', filled(256)],
  ['pipeline_extra_params', { canary: 10 }],
  ['pipeline_extra_params', filled(16385)],
  ['organisation', 'other'],
  ['status', 'deployed'],
]);
export const rollbackFaults = rarely([
  ['reason', filled(4097)],
  ['reason', 7],
  ['target_version', '1'],
]);
