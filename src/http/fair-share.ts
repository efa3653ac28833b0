/** Does work for organisations, none of which has the turns of the event loop to itself. */
export interface FairShare {
  /**
   * Does something that may take long, at once or in a turn to come.
   *
   * @returns nothing where it was done at once; throws or rejects as the work does
   */
  take: (organisation: string, work: () => void) => Promise<void> | undefined;
}

/** The turns of an event loop, and how long they take. */
export interface Turns {
  /** Milliseconds since some start. */
  readonly now: () => number;
  /** Calls something at the end of the present turn. */
  readonly atEnd: (end: () => void) => void;
}

/** For how long an organisation goes on in one turn, in milliseconds; what has begun is done. */
const shareMs = 5;
/** What takes less is not counted. */
const countedMs = 1;
/**
 * How much of an organisation waits at the most. For each that is more the oldest goes on, so that the loop is late when
 * more comes than is done: by that overload is noticed.
 */
const maxWaiting = 16;

const eventLoop: Turns = { now: () => performance.now(), atEnd: (end) => setImmediate(end) };

/**
 * Shares out the turns of the event loop. Requests that come together are answered in one turn, and whoever comes next
 * waits for all of them: for eight pages of a megabyte a tenth of a second. So an organisation that has had its share
 * of a turn goes on in the next ones, with one answer in each, between which everybody else is looked at.
 */
export function createFairShare({ now, atEnd }: Turns = eventLoop): FairShare {
  /** What each has had of this turn, in milliseconds. */
  const had = new Map<string, number>();
  /** What lets those go on that wait, the oldest first. */
  const waiting = new Map<string, (() => void)[]>();
  let isEndAwaited = false;

  function awaitEnd(): void {
    if (!isEndAwaited) atEnd(endTurn);
    isEndAwaited = true;
  }

  function endTurn(): void {
    isEndAwaited = false;
    had.clear();
    for (const [organisation, others] of waiting) {
      others.shift()?.();
      if (others.length === 0) waiting.delete(organisation);
    }
    if (waiting.size > 0) awaitEnd();
  }

  function doNow(organisation: string, work: () => void): void {
    const since = now();
    try {
      work();
    } finally {
      const tookMs = now() - since;
      if (tookMs >= countedMs) {
        had.set(organisation, (had.get(organisation) ?? 0) + tookMs);
        awaitEnd();
      }
    }
  }

  return {
    take(organisation, work) {
      const others = waiting.get(organisation) ?? [];
      if (others.length === 0 && (had.get(organisation) ?? 0) < shareMs) {
        doNow(organisation, work);
        return undefined;
      }
      if (others.length >= maxWaiting) others.shift()?.();
      waiting.set(organisation, others);
      return new Promise<void>((resolve) => {
        others.push(resolve);
      }).then(() => {
        doNow(organisation, work);
      });
    },
  };
}
