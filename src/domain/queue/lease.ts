import type { Deployment } from '../deployments/deployment.js';
import { ApplicationError } from '../errors.js';
import { isHashOf } from '../tokens.js';
import { earlier, secondsAfter } from './entries.js';
import type { Lease } from './entries.js';

/** Whether a lease has not run out. */
export function isLive(lease: Lease | undefined, at: string): lease is Lease {
  return lease?.ended === null && lease.expiresAt > at;
}

/** Until when a lease lasts that is given or renewed now. */
export function expiryOf(
  { seconds, holdUntil }: Pick<Lease, 'seconds' | 'holdUntil'>,
  at: string,
): string {
  return earlier(secondsAfter(at, seconds), holdUntil) ?? at;
}

/** Whether a lease was given to whoever has the token. */
export function isTokenOf(lease: Lease, token: string): boolean {
  return isHashOf(lease.tokenHash, token);
}

/** The lease that a token was for is over, or somebody else's by now. */
export function leaseLost({ id, status }: Deployment, why = ''): ApplicationError {
  return new ApplicationError(
    'lease-lost',
    `The Lease-Token is not that of a lease of deployment ${id} that still holds${why}; ` +
      `the deployment is ${status}. Stop what was started under it`,
  );
}

/**
 * Lets nobody but its holder change the status of what is carried out under a lease.
 *
 * @throws ApplicationError `lease-held` without a token, `lease-lost` with another one
 */
export function requireToken(
  lease: Lease,
  deployment: Deployment,
  token: string | undefined,
  { status }: { readonly status?: unknown },
): void {
  if (token !== undefined) {
    if (!isTokenOf(lease, token)) throw leaseLost(deployment);
  } else if (status !== undefined) throw leaseHeld(deployment, lease);
}

/** Somebody else holds the lease. */
export function leaseHeld({ id }: Deployment, { expiresAt }: Lease): ApplicationError {
  return new ApplicationError(
    'lease-held',
    `Deployment ${id} is being carried out under a lease until ${expiresAt}, which its holder may renew; ` +
      'until then its status changes only with that Lease-Token',
  );
}
