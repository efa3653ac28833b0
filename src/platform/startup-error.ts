/** Something outside the service keeps it from starting; the message says what, and what to do. */
export class StartupError extends Error {
  override readonly name: string = 'StartupError';
}
