import type { DeploymentQueueClient, QueuePosition } from '../client/client.js';
import { age, distance } from './age.js';
import { gateInWords, isGate } from './gates.js';
import { shortId } from './ids.js';
import type { View } from './view.js';

/** What deployments are called, by their ids. */
export type Names = ReadonlyMap<string, Named>;

/** One that is in the way. */
interface Named {
  readonly name: string;
  /** Whether it only keeps its place until its holder has stopped. */
  readonly isCancelled: boolean;
}

const keepsPlace = 'was cancelled, and keeps its place until its holder knows';

/** How many are looked up by name, of those that are in the way. */
const maxNamed = 10;

/** Where a deployment stands: why it waits, and for what. */
export interface Standing {
  readonly position: QueuePosition;
  readonly names: Names;
}

/**
 * Looks up what those are called that keep a deployment from starting; one that cannot be read stays an id.
 *
 * @param options.known those that need not be looked up, unless they run: they may be cancelled meanwhile
 */
export async function namesIn(
  client: DeploymentQueueClient,
  { blocked_by: blockers, holders }: QueuePosition,
  { known = new Map(), signal }: { readonly known?: Names; readonly signal?: AbortSignal } = {},
): Promise<Names> {
  const running = new Set(holders.map((one) => one.deployment_id));
  const ids = new Set([...blockers, ...holders].flatMap((one) => one.deployment_id ?? []));
  const names = await Promise.all(
    [...ids].slice(0, maxNamed).map(async (id): Promise<[string, Named][]> => {
      const found = known.get(id);
      if (found !== undefined && !running.has(id)) return [[id, found]];
      try {
        const { deployment } = await client.getDeployment(id, { signal });
        const { name, version, status } = deployment;
        return [[id, { name: `${name} ${version}`, isCancelled: status === 'cancelled' }]];
      } catch {
        return found === undefined ? [] : [[id, found]];
      }
    }),
  );
  return new Map(names.flat());
}

/** What keeps a deployment from starting, each in a few words. */
export function reasons({ position, names }: Standing, view: View): string[] {
  const leased = position.holders.filter((one) => one.leased).map((one) => one.deployment_id);
  return position.blocked_by.map(({ deployment_id: id, ...blocker }) => {
    const { kind, until } = blocker;
    const what = id === null ? '' : `${nameOf(id, names, view)} `;
    const end = until === null ? '' : `, ${untilWhen(until, view)}`;
    switch (kind) {
      case 'running': {
        if (isCancelled(id, names)) return `${what}${keepsPlace}${end} at the longest`;
        const isLeased = end !== '' && id !== null && leased.includes(id);
        return `${what}runs${end}${isLeased ? ' unless its lease is renewed' : ''}`;
      }
      case 'ahead':
        return `${what}goes first`;
      case 'buffer':
        return `the buffer after the last one${end}`;
      case 'lock':
      case 'freeze':
      case 'approval':
        return gateInWords(blocker, view);
      default:
        // What a later version of the service may have.
        return `${what}${String(kind)}${end}`;
    }
  });
}

/** Who takes the places of the group, each in a few words. */
export function holders({ position, names }: Standing, view: View): string[] {
  return position.holders.map(({ deployment_id: id, started_at: since, until, leased }) => {
    const start = since === null ? '' : `, ${sinceWhen(since, view)}`;
    const end = until === null ? '' : ` ${untilWhen(until, view)}`;
    const how = leased ? 'under a lease' : 'without a lease, and counts';
    const what = isCancelled(id, names) ? `${keepsPlace},${end} at the longest` : `${how}${end}`;
    return `${nameOf(id, names, view)}${start}, ${what}`;
  });
}

/** Where it stands and why, in one line. */
export function standingLine(standing: Standing, view: View): string {
  const { position, estimated_start_at: start } = standing.position;
  const place = position === null ? 'nobody waits for it' : `waits at place ${position}`;
  const why = reasons(standing, view).map((reason) => `; ${reason}`);
  const when = start === null ? '' : `; it may start ${startWhen(start, view)}`;
  return `${place}${why.join('')}${when}`;
}

/** What stays the same as long as nothing has changed but the time. */
export function gist({ position, blocked_by: blockers }: QueuePosition): string {
  const which = blockers.map((one) => [one.kind, one.deployment_id, one.gate_id, one.reason]);
  return JSON.stringify([position, which]);
}

/** The gates that are closed, as they stay the same likewise; nothing when there are none. */
export function gistOfGates({ blocked_by: blockers }: QueuePosition): string {
  const gates = blockers.filter(({ kind }) => isGate(kind));
  return gates.map(({ gate_id: id, reason }) => `${id ?? ''} ${reason ?? ''}`).join('\n');
}

function nameOf(id: string, names: Names, view: View): string {
  const named = names.get(id);
  return named === undefined ? shortId(id, view) : `${named.name} (${shortId(id, view)})`;
}

function isCancelled(id: string | null, names: Names): boolean {
  return id !== null && names.get(id)?.isCancelled === true;
}

/** An instant, or at a terminal how far away it is. */
function sinceWhen(instant: string, { columns, now }: View): string {
  return columns === undefined ? `since ${instant}` : `for ${age(instant, now)}`;
}

function untilWhen(instant: string, view: View): string {
  return view.columns === undefined
    ? `until ${instant}`
    : `for another ${distance(instant, view.now)}`;
}

function startWhen(instant: string, view: View): string {
  return view.columns === undefined ? `at ${instant}` : `in ${distance(instant, view.now)}`;
}
