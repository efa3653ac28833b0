import type { components } from '../../../generated/openapi.js';
import type { Decision } from '../decision.js';
import { look } from '../decision.js';
import type { Running, TaxonomyVersion } from '../deployments/reads.js';
import { whatRuns } from '../deployments/rollback.js';
import { taxonomyKey } from '../deployments/taxonomy.js';
import type { Taxonomy } from '../deployments/taxonomy.js';
import { briefOf } from './brief.js';
import type { DeploymentBrief } from './brief.js';
import type { Pair } from './pairs.js';

type Schemas = components['schemas'];

/** How one environment compares with another in one component, as the contract shows it. */
export type Difference = Schemas['Difference'];

/** Of how many clouds and accounts of an environment a component is compared in a region and a cell. */
export const maxCompared = 5;

/** What runs in one of them. */
interface Side {
  readonly key: string;
  readonly taxonomy: Taxonomy;
  readonly current: DeploymentBrief;
}

/** Compares what runs in two environments. Pairs of which nothing runs in either are left out. */
export function* compare(pairs: readonly Pair[]): Decision<readonly Difference[]> {
  if (pairs.length === 0) return { changes: {}, result: [] };
  const named = pairs.map(({ from, to }) => ({
    from: from.slice(0, maxCompared).map(withKey),
    to: to.slice(0, maxCompared).map(withKey),
  }));
  const keys = named.flatMap(({ from, to }) => [...from, ...to]).map(({ key }) => key);
  const { running } = yield* look({ running: { read: 'runningIn', keys } as const });
  const sides = named
    .map(({ from, to }) => ({ from: sidesOf(from, running), to: sidesOf(to, running) }))
    .filter(({ from, to }) => from.length + to.length > 0);

  const versions = sides.flatMap(({ from, to }) => [...crossed(from, to), ...crossed(to, from)]);
  const { had } = yield* look({
    had: versions.length === 0 ? undefined : ({ read: 'everDeployed', versions } as const),
  });
  const known = new Set(had?.map(nameOf));
  /** Whether one side has yet to get what runs on the other, which has had all that runs on the one. */
  const isBehind = (side: readonly Side[], other: readonly Side[]): boolean => {
    const hasHad = ({ key }: Side, { current: { version } }: Side): boolean =>
      known.has(nameOf({ key, version }));
    return (
      side.some((here) => other.some((there) => !hasHad(here, there))) &&
      side.every((here) => other.some((there) => hasHad(there, here)))
    );
  };
  const result = sides.map(({ from, to }): Difference => {
    const [first] = [...from, ...to];
    if (first === undefined) throw new Error('Nothing runs on either side');
    const { name, region, cell } = first.taxonomy;
    const state = compareSides(from, to, isBehind);
    return { name, region, cell, state, from: from.map(show), to: to.map(show) };
  });
  return { changes: {}, result };
}

function withKey(taxonomy: Taxonomy) {
  return { key: taxonomyKey(taxonomy), taxonomy };
}

function sidesOf(
  taxonomies: readonly { readonly key: string; readonly taxonomy: Taxonomy }[],
  running: ReadonlyMap<string, readonly Running[]>,
): Side[] {
  return taxonomies.flatMap(({ key, taxonomy }) => {
    const current = whatRuns(running.get(key) ?? []);
    return current === undefined
      ? []
      : [{ key, taxonomy, current: briefOf(current.stored.deployment) }];
  });
}

/** Which versions of one side are asked about on the other, where they differ. */
function crossed(side: readonly Side[], others: readonly Side[]): TaxonomyVersion[] {
  if (haveSameVersions(side, others)) return [];
  return others.flatMap(({ current: { version } }) => side.map(({ key }) => ({ key, version })));
}

function haveSameVersions(a: readonly Side[], b: readonly Side[]): boolean {
  const [versions, others] = [a, b].map(
    (side) => new Set(side.map(({ current }) => current.version)),
  );
  return (
    versions?.size === others?.size && [...(versions ?? [])].every((each) => others?.has(each))
  );
}

function compareSides(
  from: readonly Side[],
  to: readonly Side[],
  isBehind: (side: readonly Side[], other: readonly Side[]) => boolean,
): Difference['state'] {
  if (to.length === 0) return 'only_in_from';
  if (from.length === 0) return 'only_in_to';
  if (haveSameVersions(from, to)) return 'same';
  const behind = isBehind(to, from);
  if (behind === isBehind(from, to)) return 'diverged';
  return behind ? 'behind' : 'ahead';
}

function show({ taxonomy: { provider, cloud_account_id }, current }: Side) {
  return { provider, cloud_account_id, current };
}

function nameOf({ key, version }: TaxonomyVersion): string {
  return `${key} ${version}`;
}
