/** What the service says to some of the tokens of `hostileTokens`, and why. */
export interface Verdict {
  /** What the caller is told. */
  readonly detail: string;
  /** What the log says on top; absent when the detail says it all. */
  readonly reason?: string;
  /** The tokens, by name. */
  readonly tokens: readonly string[];
}
