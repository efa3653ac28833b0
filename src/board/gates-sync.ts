import type { DeploymentQueueClient } from '../client/client.js';
import type { FeedEvent } from '../client/contract.js';
import { approversOf, newestFirst, unapprovedAfter, unapprovedOf } from './state/approvals.js';
import type { Unapproved } from './state/approvals.js';
import type { BoardAction } from './state/board.js';

/** What locks, freezes and approvals are read with. */
export interface GatesOptions {
  readonly client: DeploymentQueueClient;
  readonly dispatch: (action: BoardAction) => void;
  /** How often locks and freezes are read while somebody looks, in milliseconds: the feed does not tell of them. */
  readonly gatesEveryMs: number;
  /** Waits until one more thing may be asked for. */
  readonly turn: (signal: AbortSignal) => Promise<void>;
  /** Told when something was closed or opened. */
  readonly onChange: () => void;
}

type Job = (signal: AbortSignal) => Promise<void>;

/** In how many environments it is looked for what waits for approval, and how much of it is shown of each. */
const maxAsking = 10;
const maxUnapproved = 50;

/** Keeps locks, freezes and what waits for approval as the service has them. */
export class GatesSync {
  readonly #options: GatesOptions;
  #readAt = -Infinity;
  /** Locks and freezes as they were read last, to be compared. */
  #before = '';
  #isSeen = true;
  #wantsApprovals = true;
  /** How many people have to approve, by environment; unknown before somebody has asked. */
  #approvers: ReadonlyMap<string, number> | undefined;
  /** What has happened since it was asked what waits; nothing while it is not. */
  #heard: FeedEvent[] | undefined;

  constructor(options: GatesOptions) {
    this.#options = options;
  }

  /** Says whether somebody sees the board: nobody waits for locks and freezes otherwise. */
  see(isSeen: boolean): void {
    this.#isSeen = isSeen;
  }

  /** Has everything read again. */
  refresh(): void {
    this.#readAt = -Infinity;
    this.#approvers = undefined;
    this.#wantsApprovals = true;
  }

  /** Hears what happens: it may wait for approval. */
  note(event: FeedEvent): void {
    this.#heard?.push(event);
    const { environment, from_status, to_status } = event;
    const hasCome = to_status === 'scheduled' && from_status !== to_status;
    if (hasCome && this.#approvers?.has(environment) !== false) this.#wantsApprovals = true;
  }

  /** In how many milliseconds it is time to read locks and freezes. */
  dueIn(): number {
    if (!this.#isSeen) return Infinity;
    return this.#readAt + this.#options.gatesEveryMs - performance.now();
  }

  /** Reads locks and freezes, when it is time to. */
  dueJob(): Job | undefined {
    return this.dueIn() <= 0 ? (signal) => this.read(signal) : undefined;
  }

  /** Reads what waits for approval, when that may have changed. */
  approvalsJob(): Job | undefined {
    return this.#wantsApprovals ? (signal) => this.#readUnapproved(signal) : undefined;
  }

  /** Reads locks and freezes. */
  async read(signal: AbortSignal): Promise<void> {
    const { client, dispatch, onChange } = this.#options;
    this.#readAt = performance.now();
    const [locks, freezes] = await Promise.all([
      all(client.listAllLocks({ limit: 500 }, { signal })),
      all(client.listAllFreezes({ limit: 500 }, { signal })),
    ]);
    const gates = { locks, freezes };
    dispatch({ type: 'gates', gates });
    const text = JSON.stringify(gates);
    if (text !== this.#before) onChange();
    this.#before = text;
  }

  async #readUnapproved(signal: AbortSignal): Promise<void> {
    const { client, dispatch, turn } = this.#options;
    this.#wantsApprovals = false;
    const heard: FeedEvent[] = [];
    this.#heard = heard;
    const { environments } = await client.listEnvironments({ limit: 1000 }, { signal });
    const approvers = approversOf(environments);
    this.#approvers = approvers;
    const unapproved: Unapproved[] = [];
    for (const [environment, required] of [...approvers].slice(0, maxAsking)) {
      await turn(signal);
      const query = { status: ['scheduled' as const], environment, limit: maxUnapproved };
      const { deployments } = await client.listDeployments(query, { signal });
      unapproved.push(...unapprovedOf(deployments, required));
    }
    // What has come meanwhile is looked for once more, and what has been decided is not asked for again.
    dispatch({ type: 'unapproved', unapproved: unapprovedAfter(newestFirst(unapproved), heard) });
    this.#heard = undefined;
  }
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}
