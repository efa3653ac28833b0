import type { Deployment, DeploymentEvent } from '../../../src/client/client.js';

/** What the service has recorded of a deployment. */
export interface Recorded {
  readonly deployment: Pick<Deployment, 'id' | 'name' | 'environment' | 'status'>;
  readonly events: readonly Pick<
    DeploymentEvent,
    'from_status' | 'to_status' | 'occurred_at' | 'cause'
  >[];
}

/** What a holder has noted, in milliseconds since 1970; those of one file are in their order. */
export interface Note {
  readonly what: 'begin' | 'end';
  readonly id: string;
  readonly fence: number;
  readonly at: number;
}

/** Since when the service had a deployment wait, and until when its place was surely kept unless its turn came before. */
export interface Wait {
  readonly id: string;
  readonly from: number;
  readonly until: number;
}

/** A time for which the service let a deployment hold the place of its environment. */
interface Attempt {
  readonly deployment: Recorded['deployment'];
  readonly from: number;
  readonly until: number;
  /** Whether its lease ran out. */
  readonly isExpired: boolean;
}

/** Attempts whose lease ran out, each that of a holder that died or lost it. */
export function expiredOf(recorded: readonly Recorded[]): number {
  return recorded.flatMap(attemptsOf).filter(({ isExpired }) => isExpired).length;
}

/**
 * Compares what the holders and the service have each recorded.
 *
 * @param leaseMs how long a lease lasts that nobody renews
 * @returns what is wrong; nothing when no two ever held the place of one environment, and everybody had their turn
 */
export function faultsOf(
  recorded: readonly Recorded[],
  notes: readonly Note[],
  waits: readonly Wait[],
  leaseMs: number,
): string[] {
  const attempts = recorded.flatMap(attemptsOf).sort((a, b) => a.from - b.from);
  const environmentOf = new Map(
    recorded.map(({ deployment }) => [deployment.id, deployment.environment]),
  );
  const environments = [...new Set(environmentOf.values())];
  return [
    ...recorded.flatMap(({ deployment: { id, status } }) =>
      status === 'deployed' ? [] : [`${id} ended as ${status}`],
    ),
    ...attempts.flatMap(({ deployment, from, until, isExpired }) =>
      isExpired && until - from < leaseMs
        ? [`the lease of ${deployment.id} ended after ${until - from} ms`]
        : [],
    ),
    ...environments.flatMap((environment) => [
      ...besides(attempts.filter(({ deployment }) => deployment.environment === environment)),
      ...crossings(notes.filter(({ id }) => environmentOf.get(id) === environment)),
    ]),
    ...notes.flatMap((note) => outside(note, attempts)),
    ...waits.flatMap((wait) => overtakings(wait, attempts)),
  ];
}

function attemptsOf({ deployment, events }: Recorded): Attempt[] {
  const moves = events.filter(({ from_status: from, to_status: to }) => from !== to);
  return moves.flatMap((move, index) => {
    if (move.to_status !== 'in_progress') return [];
    const end = moves[index + 1];
    return {
      deployment,
      from: Date.parse(move.occurred_at),
      until: end === undefined ? Infinity : Date.parse(end.occurred_at),
      isExpired: end?.cause === 'lease_expired',
    };
  });
}

/** Those that held one place together, by the service's records. */
function besides(attempts: readonly Attempt[]): string[] {
  return attempts.flatMap(({ deployment, from }, index) => {
    const before = attempts[index - 1];
    return before === undefined || before.until <= from
      ? []
      : [`${deployment.id} was started beside ${before.deployment.id}`];
  });
}

/** Those that held one place together, or under no newer fence, by their own records. */
function crossings(notes: readonly Note[]): string[] {
  let last = 0;
  return notes.flatMap(({ what, id, fence }, index) => {
    if (what === 'end') return [];
    const before = notes.slice(0, index);
    const isOpen = (other: Note): boolean =>
      other.what === 'begin' && !before.some((note) => isEndOf(note, other));
    const beside = before.filter(
      (other) => isOpen(other) && notes.slice(index).some((note) => isEndOf(note, other)),
    );
    const found = beside.map((other) => `${id} held the place beside ${other.id}`);
    if (fence <= last) found.push(`${id} got the fence ${fence} after ${last}`);
    last = Math.max(last, fence);
    return found;
  });
}

function isEndOf(note: Note, { id, fence }: Note): boolean {
  return note.what === 'end' && note.id === id && note.fence === fence;
}

/** What a holder did while the place was not its own. */
function outside({ what, id, at }: Note, attempts: readonly Attempt[]): string[] {
  const isInside = attempts.some(
    ({ deployment, from, until }) => deployment.id === id && from <= at && at <= until,
  );
  return isInside ? [] : [`${id} noted its ${what} when the place was not its own`];
}

/** Whoever waits is passed by each other component once at the most. */
function overtakings({ id, from, until: end }: Wait, attempts: readonly Attempt[]): string[] {
  const own = attempts.find(
    ({ deployment, ...attempt }) => deployment.id === id && attempt.from >= from,
  );
  const environment = attempts.find(({ deployment }) => deployment.id === id)?.deployment
    .environment;
  const until = Math.min(own?.from ?? Infinity, end);
  const passed = new Map<string, number>();
  for (const { deployment, from: start } of attempts) {
    const isOther = deployment.environment === environment && deployment.id !== id;
    if (!isOther || start <= from || start >= until) continue;
    passed.set(deployment.name, (passed.get(deployment.name) ?? 0) + 1);
  }
  return [...passed].flatMap(([name, times]) =>
    times > 1 ? [`${id} waited while ${name} had ${times} turns`] : [],
  );
}
