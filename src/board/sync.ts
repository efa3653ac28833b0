import { ProblemError } from '../client/client.js';
import type { DeploymentQueueClient } from '../client/client.js';
import { sleep } from '../client/time.js';
import { GatesSync } from './gates-sync.js';
import type { Feed } from './live.js';
import { paced } from './pace.js';
import type { Pace } from './pace.js';
import { isFailure } from './state/attention.js';
import type { BoardAction } from './state/board.js';
import type { FeedEvent } from '../client/contract.js';
import { filtersOf, placeKey, placeOf } from './state/place.js';
import type { Place } from './state/place.js';

/** What the board follows the service with. */
export interface SyncOptions {
  readonly client: DeploymentQueueClient;
  readonly feed: Feed;
  readonly dispatch: (action: BoardAction) => void;
  readonly pace: Pace;
  /** How often locks and freezes are read while somebody looks, in milliseconds. */
  readonly gatesEveryMs: number;
}

/** A deployment of which somebody looks at the place in its queue. */
export interface Wanted {
  readonly id: string;
  readonly environment: string;
}

/** How many events there are to begin with. */
const history = 200;
/** Of so many places that have changed, all are read again at once. */
const maxPlaces = 20;
/** How often events are shown at the most: what comes sooner is gathered for so long, in milliseconds. */
const gatherMs = 30;
/** After how long everything is read again: claims that begin to wait leave no event. */
const refreshMs = 5 * 60_000;
/** After how long a place in a queue is looked up again. */
const queueMs = 60_000;

/**
 * Keeps the board as the service has it: reads all rows once, follows the feed, and reads again what has
 * changed. What an event tells is shown at once; the row as the service has it follows.
 */
export class BoardSync {
  readonly #options: SyncOptions;
  readonly #turn: (signal: AbortSignal) => Promise<void>;
  readonly #gates: GatesSync;
  readonly #dirty = new Map<string, Place>();
  /** When each place in a queue was looked up. */
  readonly #lookedUp = new Map<string, number>();
  #wanted: readonly Wanted[] = [];
  #unexplained: readonly string[] = [];
  #isStale = false;
  #wantsRollbacks = true;
  #wake = (): void => undefined;

  constructor(options: SyncOptions) {
    this.#options = options;
    this.#turn = paced(options.pace);
    this.#gates = new GatesSync({
      ...options,
      turn: this.#turn,
      onChange: () => {
        // What waits may wait for something else now.
        this.#lookedUp.clear();
        this.#wake();
      },
    });
  }

  /** Says of which deployments the place in the queue is shown. */
  want(wanted: readonly Wanted[]): void {
    this.#wanted = wanted;
    this.#wake();
  }

  /** Says of which deployments nobody knows how they have failed. */
  explain(failed: readonly string[]): void {
    this.#unexplained = failed;
    this.#wake();
  }

  /** Says whether somebody sees the board: nobody waits for locks and freezes otherwise. */
  see(isSeen: boolean): void {
    this.#gates.see(isSeen);
    this.#wake();
  }

  /** Has a place read again, after something was done to it, and locks and freezes with it. */
  refresh(place: Place): void {
    this.#dirty.set(placeKey(place), placeOf(place));
    this.#wantsRollbacks = true;
    this.refreshGates();
  }

  /** Has locks, freezes and what waits for approval read again. */
  refreshGates(): void {
    this.#gates.refresh();
    this.#wake();
  }

  /**
   * Runs until the signal ends it.
   *
   * @throws ProblemError, ClientError what the service refuses, or that it is out of reach
   */
  async run(signal: AbortSignal): Promise<void> {
    const { feed, dispatch } = this.#options;
    const ended = new AbortController();
    const both = AbortSignal.any([signal, ended.signal]);
    try {
      // Before the rows, so that nothing is missed in between.
      const position = await feed.position(both);
      const tellHistory = async () => {
        dispatch({ type: 'history', events: await feed.history(history, both) });
      };
      const follow = this.#follow(position, both);
      // Beside the rows, so that nothing that is closed is seen without that.
      await Promise.all([follow, this.#gates.read(both), this.#keepUp(both), tellHistory()]);
    } finally {
      ended.abort();
    }
  }

  async #follow(after: number, signal: AbortSignal): Promise<void> {
    let gathered: FeedEvent[] = [];
    let shownAt = -Infinity;
    const show = () => {
      const events = gathered;
      gathered = [];
      shownAt = performance.now();
      for (const event of events) this.#note(event);
      this.#options.dispatch({ type: 'events', events });
      this.#wake();
    };
    for await (const event of this.#options.feed.follow(after, signal)) {
      if (gathered.length === 0)
        setTimeout(show, Math.max(shownAt + gatherMs - performance.now(), 0));
      gathered.push(event);
    }
  }

  #note(event: FeedEvent): void {
    this.#dirty.set(placeKey(event), placeOf(event));
    this.#gates.note(event);
    const { environment, from_status, to_status } = event;
    // Of who waits there, somebody may have moved on.
    for (const wanted of this.#wanted) {
      if (wanted.environment === environment) this.#lookedUp.delete(wanted.id);
    }
    if (from_status !== to_status && to_status === 'scheduled') this.#wantsRollbacks = true;
  }

  /** Reads everything, and then again and again what is not known any more. */
  async #keepUp(signal: AbortSignal): Promise<void> {
    await this.#readAll(signal, true);
    const timer = setInterval(() => {
      this.#isStale = true;
      this.refreshGates();
    }, refreshMs);
    try {
      for (;;) {
        const job = this.#nextJob();
        if (job === undefined) await this.#idle(signal);
        else {
          await this.#turn(signal);
          await job(signal);
        }
      }
    } finally {
      clearInterval(timer);
    }
  }

  #nextJob(): ((signal: AbortSignal) => Promise<void>) | undefined {
    // First, since much may happen in much less time than between two of these.
    const gates = this.#gates.dueJob();
    if (gates !== undefined) return gates;
    if (this.#isStale || this.#dirty.size > maxPlaces)
      return (signal) => this.#readAll(signal, false);
    const [place] = this.#dirty.values();
    if (place !== undefined) return (signal) => this.#readPlace(place, signal);
    if (this.#wantsRollbacks) return (signal) => this.#readRollbacks(signal);
    const approvals = this.#gates.approvalsJob();
    if (approvals !== undefined) return approvals;
    const [failed] = this.#unexplained;
    if (failed !== undefined) return (signal) => this.#readFailure(failed, signal);
    const now = performance.now();
    const wanted = this.#wanted.find(
      ({ id }) => now - (this.#lookedUp.get(id) ?? -Infinity) > queueMs,
    );
    return wanted && ((signal) => this.#readQueue(wanted, signal));
  }

  /** Waits until there is something to do, or places in queues are to be looked up again. */
  async #idle(signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => {
      woken.abort();
    };
    const ms = Math.min(queueMs, this.#gates.dueIn());
    await sleep(ms, AbortSignal.any([signal, woken.signal])).catch(() => undefined);
    signal.throwIfAborted();
  }

  async #readAll(signal: AbortSignal, isFirst: boolean): Promise<void> {
    const { client, dispatch } = this.#options;
    this.#isStale = false;
    this.#dirty.clear();
    const all = [];
    let cursor: string | undefined;
    do {
      const query = { limit: 100, ...(cursor !== undefined && { cursor }) };
      const page = await client.listCurrent(query, { signal });
      all.push(...page.rows);
      cursor = page.next;
      // Something to look at, until all of it is there.
      if (isFirst && all.length === page.rows.length) dispatch({ type: 'page', rows: page.rows });
    } while (cursor !== undefined);
    // What has changed meanwhile is read once more.
    dispatch({ type: 'loaded', rows: all });
  }

  async #readPlace(place: Place, signal: AbortSignal): Promise<void> {
    const { client, dispatch } = this.#options;
    this.#dirty.delete(placeKey(place));
    const rows = [];
    for await (const row of client.listAllCurrent(
      { ...filtersOf(place), limit: 100 },
      { signal },
    )) {
      rows.push(row);
    }
    // What has changed since it was asked for is not to be shown as it was.
    const settled = rows.filter((row) => !this.#dirty.has(placeKey(row)));
    if (!this.#dirty.has(placeKey(place))) dispatch({ type: 'place', place, rows: settled });
  }

  async #readRollbacks(signal: AbortSignal): Promise<void> {
    const { client, dispatch } = this.#options;
    this.#wantsRollbacks = false;
    const query = { status: 'scheduled', trigger: 'rollback', limit: 50 } as const;
    const { deployments } = await client.listDeployments(query, { signal });
    dispatch({ type: 'rollbacks', rollbacks: deployments });
  }

  async #readQueue({ id }: Wanted, signal: AbortSignal): Promise<void> {
    const { client, dispatch } = this.#options;
    this.#lookedUp.set(id, performance.now());
    const position = await unlessGone(client.getQueuePosition(id, { signal }));
    // What has happened there since makes it old, and has it looked up again.
    if (position !== undefined && this.#lookedUp.has(id)) dispatch({ type: 'queue', id, position });
  }

  async #readFailure(id: string, signal: AbortSignal): Promise<void> {
    const { client, dispatch } = this.#options;
    this.#unexplained = this.#unexplained.filter((each) => each !== id);
    const page = await unlessGone(client.listDeploymentEvents(id, { limit: 1000 }, { signal }));
    const failure = page?.events.findLast(isFailure);
    if (failure !== undefined) dispatch({ type: 'failure', id, failure });
  }
}

/** What is asked of one deployment, which may have been removed since. */
async function unlessGone<Result>(asked: Promise<Result>): Promise<Result | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ProblemError && error.status === 404) return undefined;
    throw error;
  }
}
