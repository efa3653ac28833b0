import { ApplicationError } from '../domain/errors.js';

/** Seconds after which a caller should try again. */
const retryAfter = 5;

/**
 * The error of a request that a store could not carry out; unless the reason says otherwise, nothing was
 * changed.
 *
 * @param cause what went wrong, for the log
 */
export function unavailable(
  cause: unknown,
  reason = 'The store is out of reach',
): ApplicationError {
  return new ApplicationError('unavailable', `${reason}; try again in ${retryAfter} seconds`, {
    retryAfter,
    cause,
  });
}
