/**
 * Everything once: registers two versions, waits for each to be rolled out, lists the queue over all
 * its pages, and rolls back.
 *
 *     DEPLOYMENT_QUEUE_URL=http://127.0.0.1:8000 npx tsx examples/tour.ts
 */
import { createClient, noCredentials } from 'deployment-queue';
import type { Deployment, DeploymentStatus, RollbackQuery } from 'deployment-queue';

const client = createClient({
  url: process.env['DEPLOYMENT_QUEUE_URL'] ?? 'http://127.0.0.1:8000',
  // A service on one's own machine; see pipeline.ts and rollback.ts for the real ones.
  credentials: noCredentials(process.env['DEPLOYMENT_QUEUE_ORGANISATION']),
});

const place = {
  name: 'tour',
  environment: 'production',
  provider: 'gcp',
  region: 'europe-west1',
} as const satisfies RollbackQuery;

/** Stands in for whoever rolls out: another pipeline, or a person. */
async function rollOut(id: string): Promise<void> {
  await client.updateDeployment(id, { status: 'in_progress' });
  await client.updateDeployment(id, { status: 'deployed' });
}

async function release(version: string): Promise<Deployment> {
  const { deployment } = await client.createDeployment({ ...place, version, type: 'k8s' });
  const done = client.waitFor(deployment.id, ['deployed'], { intervalMs: 100 });
  await rollOut(deployment.id);
  return done;
}

/** Does not compile while a status is left out. */
function inWords(status: DeploymentStatus): string {
  switch (status) {
    case 'scheduled':
      return 'waits for its turn';
    case 'in_progress':
      return 'is being rolled out';
    case 'deployed':
      return 'runs, or has run';
    case 'failed':
      return 'did not work';
    case 'skipped':
      return 'was overtaken by a newer one';
    case 'cancelled':
      return 'was called off';
    default:
      return unknown(status);
  }
}

/** A newer service may send what the types of this client leave no room for. */
const unknown = (status: never): string => `is ${String(status)}`;

await release('1.0.0');
await release('1.1.0');

const { deployment: back } = await client.rollbackTaxonomy(place);
console.log(`Back to ${back.version}, which ${inWords(back.status)}`);

// `limit` is the size of a page. Pages are asked for as they are needed.
for await (const { version, status } of client.listAllDeployments({ name: 'tour', limit: 2 })) {
  console.log(`${version} ${inWords(status)}`);
}
