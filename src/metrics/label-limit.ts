import { containsToken } from '../platform/token-formats.js';

/** The label of everything that has no label of its own. */
export const other = '_other';

/** How many environments of one organisation have labels of their own. */
const environmentsEach = 10;

/**
 * Which organisations and environments have labels of their own. Callers choose these names, and each
 * would be a time series for good.
 */
export interface LabelLimit {
  organisation(name: string): string;
  /** Counted for each organisation apart, so that none uses up the labels of another. */
  environment(organisation: string, name: string): string;
}

/**
 * Gives labels to those that come first.
 *
 * @param organisations how many of them have labels
 * @param reserved those that have them whoever comes first, as far as there are so many
 */
export function createLabelLimit(
  organisations: number,
  reserved: Iterable<string> = [],
): LabelLimit {
  const known = new Map(
    [...reserved].slice(0, organisations).map((name) => [name, new Set<string>()]),
  );

  const environmentsOf = (organisation: string): Set<string> | undefined => {
    const found = known.get(organisation);
    if (found !== undefined || known.size >= organisations) return found;
    const none = new Set<string>();
    known.set(organisation, none);
    return none;
  };

  return {
    organisation: (name) => (environmentsOf(name) === undefined ? other : name),

    environment(organisation, name) {
      const labelled = environmentsOf(organisation);
      return labelled !== undefined && admit(labelled, name, environmentsEach) ? name : other;
    },
  };
}

/**
 * Whether a name is among those with a label, now that it has asked for one. A token that was put there
 * by mistake never is.
 */
export function admit(labelled: Set<string>, name: string, max: number): boolean {
  if (labelled.has(name)) return true;
  if (labelled.size >= max || containsToken(name)) return false;
  labelled.add(name);
  return true;
}
