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
  everDeployed: boolean;
  events: DeploymentEvent[];
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
  scheduled: ['in_progress', 'deployed', 'failed', 'skipped'],
  in_progress: ['scheduled', 'deployed', 'failed', 'skipped'],
  failed: ['scheduled', 'in_progress', 'deployed', 'skipped'],
  skipped: ['scheduled'],
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

/** Whether a deployment in this status has been released. */
export function isReleased(status: Status): boolean {
  return ['in_progress', 'deployed', 'failed'].includes(status);
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
  const here = entries.filter(({ deployment }) => samePlace(deployment, place));
  const running = here.findLast(({ deployment }) => isReleased(deployment.status));
  if ('deployment' in wanted) {
    if (running === undefined) throw new Refused(409, 'rollback-not-allowed', wanted.deployment.id);
    if (running !== wanted) {
      const { id, version, status } = running.deployment;
      const asked = wanted.deployment.id;
      throw new Refused(409, 'rollback-not-allowed', asked, version, id, status);
    }
  }
  if (running === undefined) throw nothingToReturnTo();

  const from = running.deployment;
  const replacedBy = (id: string) =>
    here.filter(({ deployment }) => deployment.rollback_from_deployment_id === id);
  const pending = replacedBy(from.id).find(({ deployment: { status } }) =>
    ['scheduled', 'in_progress'].includes(status),
  );
  if (pending !== undefined) throw new Refused(409, 'rollback-pending', pending.deployment.id);

  if (target !== undefined) {
    const source = here.findLast(
      (entry) => entry !== running && entry.everDeployed && entry.deployment.version === target,
    );
    if (source === undefined) {
      const sentence = `No deployment found with version ${target}`;
      throw new Refused(404, 'rollback-source-not-found', sentence);
    }
    return { from, source: source.deployment };
  }

  // From the newest to the oldest: a version is bad once a deployment of it was rolled back from,
  // for all that is older.
  const bad = new Set([from.version]);
  let isOlder = false;
  for (const entry of [...here].reverse()) {
    const { id, version, status } = entry.deployment;
    if (replacedBy(id).length > 0) bad.add(version);
    if (isOlder && status === 'deployed' && !bad.has(version)) {
      return { from, source: entry.deployment };
    }
    isOlder ||= entry === running;
  }
  throw nothingToReturnTo();
}

function nothingToReturnTo(): Refused {
  return new Refused(404, 'rollback-source-not-found', 'No previous deployment to rollback to');
}

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
  const ids = new Set([deployment.id]);
  // Oldest first, so that a rollback of a rollback comes after what it replaces.
  for (const { id, rollback_from_deployment_id: from } of all) {
    if (from !== null && ids.has(from)) ids.add(id);
  }
  return {
    deployment,
    copied_from: chain('source_deployment_id'),
    replaced: chain('rollback_from_deployment_id'),
    replaced_by: all.filter(({ id }) => ids.has(id) && id !== deployment.id),
  };
}
