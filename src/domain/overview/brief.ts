import type { components } from '../../../generated/openapi.js';
import type { Deployment } from '../deployments/deployment.js';

/** What is most asked of a deployment, as the contract shows it. */
export type DeploymentBrief = components['schemas']['DeploymentBrief'];

/** What is most asked of a deployment. */
export function briefOf(deployment: Deployment): DeploymentBrief {
  return {
    id: deployment.id,
    version: deployment.version,
    status: deployment.status,
    trigger: deployment.trigger,
    created_at: deployment.created_at,
    started_at: deployment.started_at,
    finished_at: deployment.finished_at,
    deployed_at: deployment.deployed_at,
    commit_sha: deployment.commit_sha,
    build_uri: deployment.build_uri,
    deployment_uri: deployment.deployment_uri,
    created_by_repo: deployment.created_by_repo,
    created_by_workflow: deployment.created_by_workflow,
    created_by_actor: deployment.created_by_actor,
  };
}
