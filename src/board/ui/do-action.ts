import type { Deployment, DeploymentQueueClient, DeploymentStatus } from '../../client/client.js';
import type { DeploymentAction } from '../state/actions.js';

/** Moves a deployment to a status, unless somebody has changed it since it was seen. */
export async function changeStatus(
  client: DeploymentQueueClient,
  { id }: Deployment,
  etag: string,
  status: DeploymentStatus,
): Promise<Deployment> {
  const { deployment } = await client.updateDeployment(id, { status }, { ifMatch: etag });
  return deployment;
}

/** Approves or rejects a deployment. */
export async function decide(
  client: DeploymentQueueClient,
  { id }: Deployment,
  action: Pick<DeploymentAction, 'id'>,
  reason: string | undefined,
): Promise<Deployment> {
  const why = reason === undefined ? {} : { reason };
  const { deployment } = await (action.id === 'reject'
    ? client.rejectDeployment(id, why)
    : client.approveDeployment(id, why));
  return deployment;
}

/**
 * Cancels one deployment, a lease on it included. That takes a selector, which may match others as well: the
 * service is asked first what it would cancel. Where that is more than this one, its status is changed alone,
 * which leaves no reason, and which the service refuses while there is a lease.
 */
export async function cancelOne(
  client: DeploymentQueueClient,
  deployment: Deployment,
  etag: string,
  reason: string | undefined,
): Promise<Deployment> {
  const selector = selectorOf(deployment);
  const { deployments } = await client.cancelDeployments({ selector, dry_run: true });
  const [only, ...others] = deployments;
  if (only?.id !== deployment.id || others.length > 0) {
    return changeStatus(client, deployment, etag, 'cancelled');
  }
  const cancelled = await client.cancelDeployments({
    selector,
    expected_count: 1,
    ...(reason !== undefined && { reason }),
  });
  return cancelled.deployments[0] ?? only;
}

function selectorOf(deployment: Deployment) {
  const { name, version, environment, provider, cloud_account_id, region, cell, trigger } =
    deployment;
  return {
    ...{ name, version, environment, provider, trigger },
    ...(cloud_account_id !== null && { cloud_account_id }),
    ...(region !== null && { region }),
    ...(cell !== null && { cell }),
  };
}
