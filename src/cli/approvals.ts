import { inputs } from '../../generated/inputs.js';
import type { Deployment, DeploymentQueueClient, ListQuery } from '../client/client.js';
import { shortId } from './ids.js';
import { since } from './output.js';
import type { Row } from './table.js';
import type { View } from './view.js';

/** A deployment that waits for approvals. */
export interface Unapproved {
  readonly deployment: Deployment;
  /** How many its environment requires. */
  readonly required: number;
}

const maximumOf = (operation: 'listEnvironments' | 'listDeployments') =>
  inputs[operation].find(({ name }) => name === 'limit')?.maximum ?? 100;

/**
 * What waits and has fewer approvals than its environment requires, newest first within each environment. Rollbacks
 * need none.
 *
 * @param query which of them
 */
export async function* unapproved(
  client: DeploymentQueueClient,
  query: Omit<ListQuery, 'status' | 'limit' | 'cursor'> = {},
): AsyncGenerator<Unapproved, void, undefined> {
  for (const [environment, required] of await requiring(client)) {
    if (query.environment !== undefined && query.environment.toLowerCase() !== environment)
      continue;
    const waiting = client.listAllDeployments({
      ...{ ...query, environment, status: 'scheduled' },
      limit: maximumOf('listDeployments'),
    });
    for await (const deployment of waiting) {
      const { trigger, approvals } = deployment;
      if (trigger !== 'rollback' && approvals.length < required) yield { deployment, required };
    }
  }
}

/** The environments that require approvals, and how many. */
async function requiring(client: DeploymentQueueClient): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  let next: string | undefined;
  do {
    const page = await client.listEnvironments({
      limit: maximumOf('listEnvironments'),
      ...(next !== undefined && { cursor: next }),
    });
    for (const { environment, required_approvals: required } of page.environments) {
      if (required > 0) found.set(environment, required);
    }
    ({ next } = page);
  } while (next !== undefined);
  return found;
}

/** What waits for approvals, one a row. */
export function approvalRows(waiting: readonly Unapproved[], view: View): Row[] {
  return waiting.map(({ deployment, required }) => ({
    ID: shortId(deployment.id, view),
    NAME: deployment.name,
    VERSION: deployment.version,
    ENVIRONMENT: deployment.environment,
    APPROVALS: `${deployment.approvals.length} of ${required}`,
    ...since('CREATED', deployment.created_at, view),
    BY: deployment.created_by_actor ?? deployment.created_by_repo,
    REGION: deployment.region,
    CELL: deployment.cell,
    'APPROVED BY': deployment.approvals.map(({ actor }) => actor ?? '?').join(', ') || null,
    PROVIDER: deployment.provider,
    ACCOUNT: deployment.cloud_account_id,
  }));
}
