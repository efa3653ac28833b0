import type { Caller } from '../deployments/deployment.js';
import { ApplicationError } from '../errors.js';

/**
 * Refuses a caller who is bound to an environment and reaches for another.
 *
 * @throws ApplicationError `forbidden`
 */
export function requireEnvironment(caller: Caller, environment: string): void {
  const { onlyEnvironment: only } = caller;
  if (only === undefined || only === environment) return;
  const bound =
    only === null ? 'the job names no environment' : `the job is bound to the environment ${only}`;
  throw new ApplicationError(
    'forbidden',
    `Deployments to ${environment} cannot be changed: ${bound}`,
  );
}
