import { noApprovals } from '../domain/deployments/deployment.js';
import type { Deployment } from '../domain/deployments/deployment.js';

/** The deployment of a first response, as it was remembered. */
export function parseRemembered(text: string): Deployment {
  // Written by a store, from a deployment; by a former version from one that had no approvals.
  const deployment = JSON.parse(text) as Deployment;
  return 'approvals' in deployment
    ? deployment
    : { ...(deployment as Deployment), approvals: noApprovals };
}
