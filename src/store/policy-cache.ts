import { LRUCache } from 'lru-cache';
import type { Policy, PolicySet } from '../domain/policies/policy.js';

/** How many organisations' policies are remembered at most, and how many characters as JSON. */
const maxSets = 10_000;
const maxChars = 16 * 1024 * 1024;
/** What a set takes beside its policies. */
const overhead = 100;

/**
 * The policies of organisations as they were last read, so that what was read is taken apart once, and its
 * globs are compiled once. A set never changes; its revision and its instant tell it from all others.
 */
export interface PolicyCache {
  /** What was read last of an organisation. */
  last(organisation: string): PolicySet | undefined;
  /**
   * The set of a revision.
   *
   * @param read gives its policies as JSON, when they are not remembered
   */
  get(
    organisation: string,
    of: Pick<PolicySet, 'revision' | 'changedAt'>,
    read: () => string,
  ): PolicySet;
  /** Remembers a set that is stored. */
  put(organisation: string, set: PolicySet): void;
  /** Forgets everything: some of it may have been read in a transaction that was not committed. */
  clear(): void;
}

/** Remembers policies. */
export function createPolicyCache(): PolicyCache {
  const sets = new LRUCache<string, PolicySet>({ max: maxSets, maxSize: maxChars });
  return {
    last: (organisation) => sets.get(organisation),
    get(organisation, { revision, changedAt }, read) {
      const known = sets.get(organisation);
      if (known?.revision === revision && known.changedAt === changedAt) return known;
      const text = read();
      // Written by the service, from policies.
      const set = { revision, changedAt, policies: JSON.parse(text) as Policy[] };
      sets.set(organisation, set, { size: text.length + overhead });
      return set;
    },
    put(organisation, set) {
      sets.set(organisation, set, { size: JSON.stringify(set.policies).length + overhead });
    },
    clear() {
      sets.clear();
    },
  };
}
