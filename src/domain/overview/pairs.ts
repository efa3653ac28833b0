import type { TaxonomyPage } from '../deployments/reads.js';
import type { Taxonomy } from '../deployments/taxonomy.js';

/** What is compared between environments: a component in a region and a cell, whatever clouds it is in. */
export interface Pair {
  readonly from: readonly Taxonomy[];
  readonly to: readonly Taxonomy[];
}

/** Pairs in the order of taxonomies. */
export interface PairPage {
  readonly pairs: readonly Pair[];
  /** Whether there are further ones. */
  readonly more: boolean;
}

/**
 * Pairs what there is in two environments, as far as all of it is known: a page that goes on may have more of its
 * last component. Where that is its only one, there are so many that the rest does not matter.
 *
 * @param limit how many pairs at most
 */
export function pairUp(from: TaxonomyPage, to: TaxonomyPage, limit: number): PairPage {
  const pairs = new Map<string, { from: Taxonomy[]; to: Taxonomy[]; member: Taxonomy }>();
  for (const [side, { taxonomies }] of [['from', from] as const, ['to', to] as const]) {
    for (const taxonomy of taxonomies) {
      const name = JSON.stringify(partsOf(taxonomy));
      const pair = pairs.get(name) ?? { from: [], to: [], member: taxonomy };
      pair[side].push(taxonomy);
      pairs.set(name, pair);
    }
  }
  const sorted = [...pairs.values()].sort((a, b) => compareComponents(a.member, b.member));
  const ends = [from, to].flatMap(({ taxonomies, more }) =>
    more ? (taxonomies.at(-1) ?? []) : [],
  );
  const whole = sorted.filter(({ member }) =>
    ends.every((end) => compareComponents(member, end) < 0),
  );
  const known = whole.length === 0 ? sorted.slice(0, 1) : whole;
  return { pairs: known.slice(0, limit), more: ends.length > 0 || known.length > limit };
}

function partsOf({ name, region, cell }: Taxonomy): string[] {
  return [name, region ?? '', cell ?? ''];
}

/** By the bytes of UTF-8, as stores do. */
function compareComponents(a: Taxonomy, b: Taxonomy): number {
  const others = partsOf(b);
  const differences = partsOf(a).map((part, nth) =>
    Buffer.compare(Buffer.from(part), Buffer.from(others[nth] ?? '')),
  );
  return differences.find((difference) => difference !== 0) ?? 0;
}
