/**
 * The design's rules of whose turn it is, told a second time and in the plainest way. Nothing here comes from
 * `src`, so that the two can contradict each other.
 */
import { expect } from 'chai';
import type { components } from '../../generated/openapi.js';

type Deployment = components['schemas']['Deployment'];
type Settings = components['schemas']['EnvironmentSettingsPut'];

/** Who waits for a deployment by its id: the newest call for it. */
export interface Waiter {
  readonly call: string;
  readonly since: number;
  /** Until when the place is kept. */
  readonly until: number;
  /** Whether it had been tried before when it was claimed. */
  readonly isRetry: boolean;
  /** What it is started with although gates are closed. */
  readonly override?: object | undefined;
}

/** How things stand in an environment at an instant, as far as those know who call. */
export interface QueueView {
  readonly settings: Settings;
  readonly now: number;
  /** Newest first. */
  readonly deployments: readonly Deployment[];
  /** By the ids of deployments; some may be over. */
  readonly waiting: ReadonlyMap<string, Waiter>;
  /** Whether any worker waits, or is not known to be gone. */
  readonly hasWorkers: boolean;
  /** Those that take a place. */
  readonly holders: ReadonlySet<string>;
  /** Those of them whose lease lives. */
  readonly leased: ReadonlySet<string>;
  /** Those that were started without a claim. */
  readonly unleased: ReadonlySet<string>;
  /** When each ended last, also if it has been put back since. */
  readonly ended: ReadonlyMap<string, number>;
  /** When one of a taxonomy started last under a lease. */
  readonly started: ReadonlyMap<string, number>;
  /** The gates that stand closed for a deployment. */
  closedFor(deployment: Deployment): readonly unknown[];
}

export function taxonomyOf({ name, region }: Deployment): string {
  return `${name} ${region ?? ''}`;
}

/** Names what excludes each other. */
export function groupOf({ exclusive }: Settings, deployment: Deployment): string {
  if (exclusive === 'environment') return '';
  return exclusive === 'place' ? (deployment.region ?? '') : taxonomyOf(deployment);
}

/** How many of a group may run at once. */
export function capacityOf({ exclusive, max_running: max = 1 }: Settings): number {
  return exclusive === 'place' || exclusive === 'environment' ? max : 1;
}

/** Whether a claim by the id of a deployment is refused; else it is started, or waits. */
export function isClaimRefused(view: QueueView, id: string): boolean {
  const own = find(view, id);
  if (view.leased.has(id)) return true;
  if (own.status === 'scheduled') return false;
  const hasFailed =
    own.status === 'failed' || (own.status === 'in_progress' && !view.unleased.has(id));
  if (!hasFailed) return true;
  // A retry, unless a newer one was deployed since.
  const since = own.started_at ?? own.created_at;
  const newer = view.deployments.slice(0, view.deployments.indexOf(own));
  return newer.some(
    (each) =>
      taxonomyOf(each) === taxonomyOf(own) &&
      each.status === 'deployed' &&
      (each.deployed_at ?? '') >= since,
  );
}

/** Expects that it was the turn of a deployment which was started under a lease. */
export function requireTurn(view: QueueView, id: string): void {
  const { settings, now, deployments, holders } = view;
  const own = find(view, id);
  const members = deployments.filter((each) => groupOf(settings, each) === groupOf(settings, own));
  const running = members.filter((each) => holders.has(each.id));
  expect(running.length, 'those that run when another starts').to.be.below(capacityOf(settings));
  expect(running.map(taxonomyOf), 'what runs when another starts').not.to.include(taxonomyOf(own));

  const { buffer_seconds: buffer = 0 } = settings;
  if (!isRollback(own)) {
    const buffered = members.filter(
      (each) => (view.ended.get(each.id) ?? -Infinity) + buffer * 1000 > now,
    );
    expect(
      buffered.map(({ id: ended }) => ended),
      'what ended just now',
    ).to.deep.equal([]);
  }

  const waiting = members.filter((each) => each.id !== id && isWaitedFor(view, each));
  const before = waiting.filter(
    (each) =>
      taxonomyOf(each) === taxonomyOf(own) &&
      goesBefore(view, each, own) &&
      !isPassedOver(view, each),
  );
  expect(before.map(describe), `what goes before ${describe(own)}`).to.deep.equal([]);

  // What workers wait for counts by other instants.
  if (view.hasWorkers) return;
  const busy = new Set([...running.map(taxonomyOf), taxonomyOf(own)]);
  const others = new Set(waiting.map(taxonomyOf).filter((taxonomy) => !busy.has(taxonomy)));
  const ahead = [...others].filter((taxonomy) => isAhead(view, taxonomy, waiting, own));
  expect(
    ahead.length,
    `taxonomies that go before ${describe(own)}: ${ahead.join(', ')}`,
  ).to.be.below(capacityOf(settings) - running.length);
}

/** Whether a gate keeps one that is waited for from starting. */
export function isHeldBack(view: QueueView, deployment: Deployment): boolean {
  const waiter = view.waiting.get(deployment.id);
  const overrides = waiter?.override !== undefined && waiter.until > view.now;
  return !overrides && view.closedFor(deployment).length > 0;
}

/** Whether others go although one before them waits, since a gate is closed for that one. */
function isPassedOver(view: QueueView, deployment: Deployment): boolean {
  return view.settings.order !== 'oldest' && isHeldBack(view, deployment);
}

/** Whether, of two of one taxonomy, the first goes before the second. */
export function goesBefore(view: QueueView, a: Deployment, b: Deployment): boolean {
  if (isRollback(a) !== isRollback(b)) return isRollback(a);
  if (isRollback(a)) return sinceOf(view, a) < sinceOf(view, b);
  if (isRetry(view, a) !== isRetry(view, b)) return isRetry(view, b);
  const isNewer = view.deployments.indexOf(a) < view.deployments.indexOf(b);
  return view.settings.order === 'oldest' ? !isNewer : isNewer;
}

/** Whether a taxonomy goes before what is of another one. */
function isAhead(
  view: QueueView,
  taxonomy: string,
  waiting: readonly Deployment[],
  own: Deployment,
): boolean {
  const its = waiting.filter((each) => taxonomyOf(each) === taxonomy);
  const [first] = its
    .filter((each) => !isPassedOver(view, each))
    .sort((a, b) => (goesBefore(view, a, b) ? -1 : 1));
  if (first === undefined || isHeldBack(view, first)) return false;
  if (isRollback(own)) return isRollback(first) && sinceOf(view, first) < sinceOf(view, own);
  if (isRollback(first)) return true;
  const beside = waiting.filter((each) => taxonomyOf(each) === taxonomyOf(own));
  return waitsSince(view, its) < waitsSince(view, [own, ...beside]);
}

/** Since when a taxonomy waits: since its last start, or since somebody waits for one of it. */
function waitsSince(view: QueueView, members: readonly Deployment[]): number {
  const since = Math.min(...members.map((each) => sinceOf(view, each)));
  const starts = members.map((each) => view.started.get(taxonomyOf(each)) ?? 0);
  return Math.max(since, ...starts);
}

function isWaitedFor({ waiting, now }: QueueView, { id, status }: Deployment): boolean {
  return (status === 'scheduled' || status === 'failed') && (waiting.get(id)?.until ?? 0) > now;
}

/** Since when somebody has waited for it: from now on, who has just come. */
function sinceOf({ waiting, now }: QueueView, { id }: Deployment): number {
  const waiter = waiting.get(id);
  return waiter !== undefined && waiter.until > now ? waiter.since : now;
}

function isRetry({ waiting, now }: QueueView, { id, status }: Deployment): boolean {
  const waiter = waiting.get(id);
  // An expired lease makes failed what is in progress.
  return waiter !== undefined && waiter.until > now ? waiter.isRetry : status !== 'scheduled';
}

function isRollback({ trigger }: Deployment): boolean {
  return trigger === 'rollback';
}

/** A deployment that there is. */
export function find({ deployments }: QueueView, id: string): Deployment {
  const own = deployments.find((each) => each.id === id);
  if (own === undefined) throw new Error(`There is no deployment ${id}`);
  return own;
}

function describe({ version, name, region, status, trigger }: Deployment): string {
  return `${version} of ${name} in ${region ?? ''} (${trigger}, ${status})`;
}
