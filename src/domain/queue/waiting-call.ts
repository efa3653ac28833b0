/** Lets claims wait until it is worth looking again whether it is their turn. */
export interface Turns {
  /**
   * @param forMs at the longest, in milliseconds
   * @returns when that became known which ended the wait, by `performance.now()`
   * @throws ApplicationError `unavailable` when too many wait already
   */
  wait(who: WaitingCall, forMs: number, left: AbortSignal): Promise<number>;
  /** Whether nobody waits any more, since this process is about to stop. */
  readonly isDrained: boolean;
}

/** Who waits: a call that has claimed a deployment, or takes whichever it can get. */
export interface WaitingCall {
  readonly organisation: string;
  readonly environment: string;
  /** The deployment; of a worker, the call. */
  readonly id: string;
  readonly call: string;
  /**
   * Whether it is woken by any change of its environment while nobody else waits there: to claim takes it no more
   * than to look whose turn it is. One that was woken in vain waits until it has been looked.
   */
  readonly claimsAtOnce: boolean;
}
