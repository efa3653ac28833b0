import { deploymentColumns } from '../../generated/columns.js';
import type { Deployment } from '../domain/deployments/deployment.js';
import type { Taxonomy } from '../domain/deployments/taxonomy.js';

/** The values of a new registration that a response of 0.1 does not have. */
const newFields = {
  started_at: null,
  finished_at: null,
  deployed_at: null,
  commit_at: null,
  approvals: [],
};

/**
 * A taxonomy of 0.1 as it is since the contract 0.2: the environment in lower case, blank parts none. What
 * that is, and the key that follows from it, the service alone knows, and no store's SQL.
 */
export function taxonomySince01(taxonomy: Taxonomy): Taxonomy {
  const { organisation, name, environment, provider, cloud_account_id, region, cell } = taxonomy;
  return {
    organisation,
    name,
    environment: environment.toLowerCase(),
    provider,
    cloud_account_id: unlessBlank(cloud_account_id),
    region: unlessBlank(region),
    cell: unlessBlank(cell),
  };
}

/**
 * A first response that 0.1 has remembered, which is a registration, with the fields of the contract 0.2.
 *
 * @param text the deployment, as JSON
 * @returns the same
 */
export function responseSince01(text: string): string {
  // Written by the service, from a deployment.
  const registered = JSON.parse(text) as Deployment;
  const completed = { ...registered, ...taxonomySince01(registered), ...newFields };
  const ordered = deploymentColumns.map(({ name }) => [name, completed[name]]);
  return JSON.stringify(Object.fromEntries(ordered));
}

function unlessBlank(text: string | null): string | null {
  return text === null || text.trim() === '' ? null : text;
}
