import type { Controls } from '../controls/controls.js';
import type { StoredDeployment } from '../deployments/deployment.js';
import { mayBeClaimed } from '../deployments/lifecycle.js';
import type { Environment } from '../environments/environment.js';
import { closedGates } from '../gates/closed.js';
import type { ClosedGate } from '../gates/gate.js';
import { groupBy } from '../group-by.js';
import { secondsAfter, seatOf } from './entries.js';
import type { Lease, Queue, Seat, Turn, Waiting } from './entries.js';

/** A deployment that takes a place of its group. */
export interface Holder extends Seat {
  readonly id: string;
  readonly startedAt: string | null;
  /** Until when it takes the place at the longest, as far as is known; `null` for as long as it runs. */
  readonly until: string | null;
  readonly lease: Lease | undefined;
}

/** A deployment whose lease has run out, and which does not know it yet. */
export interface Overdue {
  readonly stored: StoredDeployment;
  readonly lease: Lease;
}

/** What excludes each other, at an instant. */
export interface Group {
  readonly settings: Environment;
  readonly at: string;
  readonly holders: readonly Holder[];
  readonly overdue: readonly Overdue[];
  /** Those for whom somebody waits, and who may still start. */
  readonly waiting: readonly Waiting[];
  readonly turns: readonly Turn[];
  /** The gates that keep one of them from starting. */
  readonly closedFor: (waiting: Waiting) => readonly ClosedGate[];
}

/** Whether a group may hold several taxonomies. */
export function isWide({ exclusive }: Environment): boolean {
  return exclusive === 'place' || exclusive === 'environment';
}

/**
 * Names the group of a seat. Where nothing is exclusive, whoever waits is alone.
 *
 * @param id of the deployment
 */
export function groupName(
  { exclusive }: Environment,
  seat: Seat & { readonly id: string },
): string {
  switch (exclusive) {
    case 'place':
      return seat.place;
    case 'environment':
      return '';
    case 'none':
      return seat.id;
    default:
      return seat.key;
  }
}

/**
 * The group of a deployment.
 *
 * @param controls with the gates that are closed
 * @param seat where it belongs
 * @param inProgress the deployments that are `in_progress`, at least all of the group
 * @param at when, RFC 3339 in UTC with milliseconds
 */
export function groupOf(
  queue: Queue,
  controls: Controls,
  seat: Seat & { readonly id: string },
  inProgress: readonly StoredDeployment[],
  at: string,
): Group {
  const { environment: settings } = queue.head.stored;
  const name = groupName(settings, seat);
  const isMember = (other: Seat & { readonly id: string }): boolean =>
    groupName(settings, other) === name;
  const leases = new Map(queue.leases.filter(isMember).map((lease) => [lease.id, lease]));
  const holders: Holder[] = [];
  const overdue: Overdue[] = [];
  for (const stored of inProgress) {
    const { deployment } = stored;
    const { id, started_at: startedAt } = deployment;
    const own = { id, ...seatOf(deployment) };
    if (!isMember(own)) continue;
    const lease = leases.get(id);
    if (lease === undefined) {
      const until = unleasedUntil(settings, startedAt);
      if (until === null || until > at) holders.push({ ...own, startedAt, until, lease });
    } else if (lease.expiresAt > at) {
      holders.push({ ...own, startedAt, until: lease.expiresAt, lease });
    } else {
      overdue.push({ stored, lease });
    }
  }
  for (const lease of leases.values()) {
    const { key, place, id, grantedAt, expiresAt, ended } = lease;
    if (ended === null || expiresAt <= at) continue;
    holders.push({ key, place, id, startedAt: grantedAt, until: expiresAt, lease });
  }
  return {
    settings,
    at,
    holders,
    overdue,
    waiting: queue.waiting
      .filter((waiting) => isMember(waiting.entry) && isWaitedFor(waiting, at))
      .map(({ entry }) => entry),
    turns: queue.turns.filter(isMember),
    closedFor: (waiting) => closedFor(controls, settings, waiting, at),
  };
}

function closedFor(
  controls: Controls,
  settings: Environment,
  { parts, isRollback, approvals = 0, overrides = false }: Waiting,
  at: string,
): readonly ClosedGate[] {
  if (parts === undefined || overrides) return [];
  return closedGates(controls, settings, { place: parts, isRollback, approvals }, at);
}

/** Whether somebody waits for a deployment, and it may still start. */
export function isWaitedFor({ entry, status }: Queue['waiting'][number], at: string): boolean {
  return mayBeClaimed(status) && entry.until > at;
}

/** Until when one that runs without a lease counts as running. */
function unleasedUntil(settings: Environment, startedAt: string | null): string | null {
  const { unleased_hold_seconds: seconds } = settings;
  return seconds === null || startedAt === null ? null : secondsAfter(startedAt, seconds);
}

/** Until when nobody of a group starts but a rollback; `undefined` when anybody may. */
export function bufferUntil({ settings, turns, at }: Group): string | undefined {
  if (settings.buffer_seconds === 0) return undefined;
  const ends = turns.filter(({ kind }) => kind === 'ended').map((end) => end.at);
  const last = ends.sort().at(-1);
  const until = last === undefined ? '' : secondsAfter(last, settings.buffer_seconds);
  return until > at ? until : undefined;
}

/** How many of a group may run at once. */
export function capacityOf({ exclusive, max_running: max }: Environment): number {
  return exclusive === 'taxonomy' ? 1 : max;
}

/** All groups of a queue in which somebody waits, each with what there is of it. */
export function groupsOf(
  queue: Queue,
  controls: Controls,
  inProgress: (seat: Waiting) => readonly StoredDeployment[],
  at: string,
): Group[] {
  const { environment: settings } = queue.head.stored;
  const waitingIn = groupBy(queue.waiting, ({ entry }) => groupName(settings, entry));
  const leasesIn = groupBy(queue.leases, (lease) => groupName(settings, lease));
  const turnsIn = groupBy(queue.turns, (turn) => groupName(settings, turn));
  return [...waitingIn].flatMap(([name, waiting]) => {
    const [first] = waiting;
    if (first === undefined) return [];
    const leases = leasesIn.get(name) ?? [];
    const turns = turnsIn.get(name) ?? [];
    const members = { ...queue, waiting, leases, turns };
    return [groupOf(members, controls, first.entry, inProgress(first.entry), at)];
  });
}
