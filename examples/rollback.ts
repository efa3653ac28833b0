/**
 * A person rolls back what runs in a place, and is told what to do when that cannot be done.
 *
 *     export DEPLOYMENT_QUEUE_URL=https://deployments.example.com DEPLOYMENT_QUEUE_ORGANISATION=acme GITHUB_TOKEN=…
 *     REASON='Errors at the checkout' npx tsx examples/rollback.ts
 */
import { createClient, gitHubToken, ProblemError } from 'deployment-queue';

const {
  DEPLOYMENT_QUEUE_URL: url = '',
  DEPLOYMENT_QUEUE_ORGANISATION: organisation = '',
  GITHUB_TOKEN: token = '',
  REASON: reason,
} = process.env;
const client = createClient({ url, credentials: gitHubToken(token, organisation) });

try {
  const { deployment } = await client.rollbackTaxonomy(
    { name: 'checkout', environment: 'production', provider: 'gcp' },
    { reason },
  );
  const { replaced } = await client.getDeploymentLineage(deployment.id);
  console.log(`From ${replaced[0]?.version ?? 'nothing'} back to ${deployment.version}`);
} catch (error) {
  if (!(error instanceof ProblemError)) throw error;
  switch (error.type) {
    case 'urn:problem-type:deployment-queue:rollback-pending':
      console.log(`There is one already: ${error.message}`);
      break;
    case 'urn:problem-type:deployment-queue:rollback-source-not-found':
      console.log('There is nothing to go back to; roll forward');
      break;
    default:
      throw error;
  }
}
