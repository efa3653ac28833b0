import type { ApplicationError } from '../domain/errors.js';
import type { Held } from '../domain/queue/hold.js';

/**
 * What was asked for with a lease's token.
 *
 * @throws ApplicationError `lease-lost`, which has been stored by now as said
 */
export function unlessLost<Result extends object>(held: Held<Result>): Result {
  if (isLost(held)) throw held.lost;
  return held;
}

function isLost(held: object): held is { readonly lost: ApplicationError } {
  return 'lost' in held;
}
