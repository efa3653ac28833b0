/** A token that must never be accepted. */
export interface HostileToken {
  /** What is wrong with it, to be used in the name of a test. */
  readonly name: string;
  readonly token: string;
  /**
   * `true` when `jose` accepts the token although it is told the algorithm, issuer, audience, required claims,
   * maximum age and tolerance: refusing it takes a check of one's own.
   */
  readonly needsOwnCheck?: true;
}
