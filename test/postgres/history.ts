/** What callers of a queue asked and were told, as it looks from outside. */

/** What is asked. */
export type Asked =
  | { readonly do: 'register'; readonly key: string }
  | { readonly do: 'claim'; readonly id: string }
  | { readonly do: 'report'; readonly id: string; readonly fence: number; readonly to: Outcome }
  | { readonly do: 'renew' | 'release'; readonly id: string; readonly fence: number }
  | { readonly do: 'read'; readonly id: string };

export type Outcome = 'deployed' | 'failed';

/**
 * What is told.
 *
 * - `waits`: it is not its turn
 * - `held`: somebody has the lease
 * - `over`: there is nothing to claim any more
 * - `done`: what was asked has been done
 * - `lost`: the lease is no longer its holder's
 * - `refused`: that nothing was done, since the service or its store is out of reach
 * - `unknown`: nothing, or that nobody knows: it may be done at any time from then on
 */
export type Told =
  | { readonly is: 'registered'; readonly id: string; readonly replayed: boolean }
  | { readonly is: 'granted'; readonly fence: number }
  | { readonly is: 'status'; readonly status: string }
  | { readonly is: 'waits' | 'held' | 'over' | 'done' | 'lost' | 'refused' | 'unknown' };

/** A call of a history. Instants are of one clock, in milliseconds. */
export interface Call {
  readonly asked: Asked;
  readonly told: Told;
  readonly from: number;
  /** When it was told; of what is unknown, when the caller gave up. */
  readonly to: number;
}

/** The shortest lease that there is, in seconds. */
export const leaseSeconds = 10;

/** What no queue may have done, whatever it is a model of; a checker finds more. */
export function plainFaults(history: readonly Call[]): string[] {
  return [...registeredTwice(history), ...badFences(history), ...heldTogether(history)];
}

function registeredTwice(history: readonly Call[]): string[] {
  const ids = new Map<string, string>();
  return history.flatMap(({ asked, told }) => {
    if (asked.do !== 'register' || told.is !== 'registered') return [];
    const known = ids.get(asked.key) ?? told.id;
    ids.set(asked.key, known);
    return known === told.id ? [] : [`${asked.key} is ${known} and ${told.id}`];
  });
}

interface Grant {
  readonly id: string;
  readonly fence: number;
  readonly from: number;
  readonly to: number;
  /** Until when it was held for sure: until its holder gave it up, or it may have run out. */
  readonly until: number;
}

function grantsOf(history: readonly Call[]): Grant[] {
  const given = new Map<number, number>();
  for (const { asked, from } of history) {
    if (asked.do !== 'report' && asked.do !== 'release') continue;
    given.set(asked.fence, Math.min(given.get(asked.fence) ?? Infinity, from));
  }
  return history.flatMap(({ asked, told, from, to }) => {
    if (asked.do !== 'claim' || told.is !== 'granted') return [];
    const until = Math.min(from + leaseSeconds * 1000, given.get(told.fence) ?? Infinity);
    return [{ id: asked.id, fence: told.fence, from, to, until }];
  });
}

/** A fence is given once, and who was given one later has a higher one. */
function badFences(history: readonly Call[]): string[] {
  const grants = grantsOf(history).sort((a, b) => a.fence - b.fence);
  return grants.flatMap((grant, nth) => {
    const before = grants[nth - 1];
    if (before === undefined) return [];
    if (before.fence === grant.fence) return [`two have the fence ${grant.fence}`];
    return grant.to < before.from ? [`the fence ${grant.fence} before ${before.fence}`] : [];
  });
}

function heldTogether(history: readonly Call[]): string[] {
  const grants = grantsOf(history).sort((a, b) => a.to - b.to);
  return grants.flatMap((grant, nth) =>
    grants
      .slice(0, nth)
      .filter(({ until }) => until > grant.to)
      .map(({ id, fence }) => `${grant.id} (${grant.fence}) beside ${id} (${fence})`),
  );
}
