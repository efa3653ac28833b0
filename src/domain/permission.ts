import type { Caller } from './deployment.js';
import { Refusal } from './refusal.js';

/**
 * Refuses a caller who is bound to an environment and reaches for another.
 *
 * @throws Refusal `forbidden`
 */
export function requireEnvironment(caller: Caller, environment: string): void {
  const { onlyEnvironment: only } = caller;
  if (only === undefined || only === environment) return;
  const bound =
    only === null ? 'the job names no environment' : `the job is bound to the environment ${only}`;
  throw new Refusal('forbidden', `Deployments to ${environment} cannot be changed: ${bound}`);
}
