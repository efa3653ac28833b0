import type { Deployment, DeploymentQueueClient } from '../client/client.js';

/** How many deployments are looked at, and how many places or environments are named. */
const maxLookedAt = 200;
const maxNamed = 5;

type Component = Pick<Deployment, 'name' | 'environment'>;

/** Says where a component does exist, for whoever has left out or misspelt a part of its place. */
export async function whereabouts(
  client: DeploymentQueueClient,
  { name, environment }: Component,
): Promise<string> {
  const there = await client.listDeployments({ name, environment, limit: maxLookedAt });
  if (there.deployments.length === 0) return elsewhere(client, name);
  const places = distinct(there.deployments.map(describePlace));
  return `${name} exists in ${environment} at ${places.join(', or at ')}`;
}

/** Says in which environments a component exists that does not in the one that was named, if it is so. */
export async function otherEnvironments(
  client: DeploymentQueueClient,
  { name, environment }: Component,
): Promise<string | undefined> {
  const there = await client.listDeployments({ name, environment, limit: 1 });
  return there.deployments.length === 0 ? elsewhere(client, name) : undefined;
}

async function elsewhere(client: DeploymentQueueClient, name: string): Promise<string> {
  const { deployments } = await client.listDeployments({ name, limit: maxLookedAt });
  if (deployments.length === 0) return `there is no ${name} anywhere`;
  const environments = distinct(deployments.map(({ environment }) => environment));
  return `${name} exists in ${environments.join(', ')}`;
}

function describePlace({ provider, cloud_account_id, region, cell }: Deployment): string {
  return Object.entries({ provider, cloud_account_id, region, cell })
    .flatMap(([part, value]) => (value === null ? [] : [`${part}=${value}`]))
    .join(', ');
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)].slice(0, maxNamed);
}
