/**
 * The design's rules, told a second time and in the plainest way: over all that an organisation has,
 * oldest first. Nothing here comes from `src`, so that the two can contradict each other.
 */
import type { Deployment, DeploymentEvent, Place, Status } from './request.js';

/** A deployment, and what else its callers may learn of it. */
export interface Entry {
  deployment: Deployment;
  /** Unknown after a change that another request brought about. */
  etag: string | undefined;
  /** Tags of former states, none of which may come back. */
  formerTags: string[];
  /** One for each revision. */
  events: DeploymentEvent[];
  /** When it had been deployed, as a rollback from it was last deployed. */
  foundBad: string | null;
}

/** A refusal: its status and type, and what its detail has to name. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  readonly names: readonly string[];

  constructor(status: number, code: string, ...names: string[]) {
    super(`${status} ${code} ${names.join(' … ')}`);
    this.status = status;
    this.code = code;
    this.names = names;
  }
}

/** The life table of the design, row by row; `same` is not listed. */
const life: Readonly<Record<Status, readonly Status[]>> = {
  scheduled: ['in_progress', 'deployed', 'failed', 'skipped', 'cancelled'],
  in_progress: ['scheduled', 'deployed', 'failed', 'skipped', 'cancelled'],
  failed: ['scheduled', 'in_progress', 'deployed', 'skipped'],
  skipped: ['scheduled'],
  cancelled: ['scheduled'],
  deployed: ['failed'],
};

/** @returns whether anything moves */
export function judgeMove(from: Status, to: Status): boolean {
  if (from === to) return false;
  if (!life[from].includes(to)) {
    throw new Refused(409, 'transition-not-allowed', from, to, life[from].join(', '));
  }
  return true;
}

/** The instants of a deployment that a move sets. */
export function instantsOf(deployment: Deployment, to: Status, at: string): Partial<Deployment> {
  switch (to) {
    case 'scheduled':
      return { started_at: null, finished_at: null };
    case 'in_progress':
      return { started_at: at, finished_at: null };
    case 'deployed':
      return { started_at: deployment.started_at ?? at, finished_at: at, deployed_at: at };
    default:
      // Only what goes on can end: not what never began, nor what is found bad later.
      return deployment.status === 'in_progress' ? { finished_at: at } : {};
  }
}

const parts = [
  'name',
  'environment',
  'provider',
  'cloud_account_id',
  'region',
  'cell',
] as const satisfies readonly (keyof Place)[];

export function samePlace(a: Place, b: Place): boolean {
  return parts.every((part) => a[part] === b[part]);
}

/** What is skipped when an entry becomes `deployed`. */
export function olderScheduled(entries: readonly Entry[], deployed: Entry): Entry[] {
  return entries
    .slice(0, entries.indexOf(deployed))
    .filter(
      ({ deployment }) =>
        deployment.status === 'scheduled' && samePlace(deployment, deployed.deployment),
    );
}

/** What runs in a place: the newest in progress, or else that of which the attempt ended last. */
export function whatRuns(entries: readonly Entry[], place: Place): Deployment | undefined {
  const here = entries.map((entry) => entry.deployment).filter((each) => samePlace(each, place));
  const goesOn = here.findLast(({ status }) => status === 'in_progress');
  if (goesOn !== undefined) return goesOn;
  const ended = here.filter(
    ({ status, started_at: began }) =>
      began !== null && ['deployed', 'failed', 'cancelled'].includes(status),
  );
  return latest(ended, 'finished_at');
}

/** Of deployments that are sorted by age, the one with the latest instant; of several, the newest. */
function latest(
  sorted: readonly Deployment[],
  instant: 'finished_at' | 'deployed_at',
): Deployment | undefined {
  return sorted.reduce<Deployment | undefined>(
    (last, each) => ((last?.[instant] ?? '') > (each[instant] ?? '') ? last : each),
    undefined,
  );
}

/** What a rollback replaces and what it copies. */
export interface Choice {
  readonly from: Deployment;
  readonly source: Deployment;
}

/**
 * @param wanted the deployment that is to be replaced, or else the place
 * @param target the version to return to
 */
export function chooseRollback(
  entries: readonly Entry[],
  wanted: Entry | Place,
  target: string | undefined,
): Choice {
  const place = 'deployment' in wanted ? wanted.deployment : wanted;
  const from = whatRuns(entries, place);
  if ('deployment' in wanted && from !== wanted.deployment) {
    const { id, version, status } = from ?? { id: '', version: '', status: '' };
    throw new Refused(409, 'rollback-not-allowed', wanted.deployment.id, version, id, status);
  }
  if (from === undefined) throw nothingToReturnTo();

  const here = entries.filter(({ deployment }) => samePlace(deployment, place));
  const pending = here.findLast(
    ({ deployment: { status, rollback_from_deployment_id: replaced } }) =>
      replaced === from.id && status === 'scheduled',
  );
  if (pending !== undefined) throw new Refused(409, 'rollback-pending', pending.deployment.id);
  const source = target === undefined ? lastGood(here, from) : ofVersion(here, from, target);
  return { from, source };
}

/** The newest deployment of a version that has ever been deployed. */
function ofVersion(here: readonly Entry[], from: Deployment, wanted: string): Deployment {
  const source = here.findLast(
    ({ deployment }) =>
      deployment !== from && deployment.version === wanted && deployment.deployed_at !== null,
  );
  if (source !== undefined) return source.deployment;
  const sentence = `No deployment found with version ${wanted}`;
  throw new Refused(404, 'rollback-source-not-found', sentence);
}

/** What a rollback copies unless it is told. */
function lastGood(here: readonly Entry[], from: Deployment): Deployment {
  const sourceOf = ({ source_deployment_id: wanted }: Deployment) =>
    here.find(({ deployment: { id } }) => id === wanted)?.deployment;
  const copied = sourceOf(from);
  // A rollback that never became deployed is tried again.
  if (copied !== undefined && from.deployed_at === null) return copied;

  // A rollback stands at the place of what it copies.
  let base = from;
  for (let next = copied; next !== undefined; next = sourceOf(base)) base = next;
  const bound = base.deployed_at;
  const isBad = (version: string, at: string) =>
    here.some(
      ({ deployment, foundBad }) =>
        deployment.version === version && foundBad !== null && foundBad >= at,
    );
  const candidates = here
    .map(({ deployment }) => deployment)
    .filter(
      ({ status, version, deployed_at: at }) =>
        status === 'deployed' &&
        version !== from.version &&
        at !== null &&
        (bound === null || at < bound) &&
        !isBad(version, at),
    );
  const source = latest(candidates, 'deployed_at');
  if (source === undefined) throw nothingToReturnTo();
  return source;
}

function nothingToReturnTo(): Refused {
  return new Refused(404, 'rollback-source-not-found', 'No previous deployment to rollback to');
}

/** What a rollback says of itself, in the characters that a field may have. */
export function rollbackNotes({ from, source }: Choice, reason: string | null): string {
  const notes = `Rollback from ${from.version} (${from.id}) to ${source.version} (${source.id})`;
  return Array.from(reason === null ? notes : `${notes}: ${reason}`)
    .slice(0, 4096)
    .join('');
}

/** How many members of a lineage are shown in each direction: the nearest. */
const shown = 100;

/** The lineage of a deployment, as the contract shows it. */
export function lineageOf(entries: readonly Entry[], deployment: Deployment) {
  const all = entries.map((entry) => entry.deployment);
  const chain = (link: 'source_deployment_id' | 'rollback_from_deployment_id') => {
    const found: Deployment[] = [];
    for (let at = deployment; ;) {
      const next = all.find(({ id }) => id === at[link]);
      if (next === undefined) return found;
      found.push(next);
      at = next;
    }
  };
  const copied = chain('source_deployment_id');
  const replaced = chain('rollback_from_deployment_id');
  // The rollbacks from the deployment, then those from these, and so on.
  const replacedBy: Deployment[] = [];
  for (let nearer = [deployment]; nearer.length > 0;) {
    const ids = nearer.map(({ id }) => id);
    nearer = all.filter(({ rollback_from_deployment_id: from }) => from && ids.includes(from));
    replacedBy.push(...nearer);
  }
  const nearest = replacedBy.slice(0, shown);
  return {
    deployment,
    copied_from: copied.slice(0, shown),
    replaced: replaced.slice(0, shown),
    replaced_by: all.filter((each) => nearest.includes(each)),
    more: {
      copied_from: copied.length > shown,
      replaced: replaced.length > shown,
      replaced_by: replacedBy.length > shown,
    },
  };
}
