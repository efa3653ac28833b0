import type { Caller } from '../callers/caller.js';
import type { Decision } from '../decision.js';
import { look } from '../decision.js';
import { instantOf } from '../instants.js';
import { requireAccess } from '../policies/access.js';
import { noApprovals } from './deployment.js';
import type { Deployment, DeploymentCreate, Identity, StoredDeployment } from './deployment.js';
import { byRequest, recordEvent, sourceOf } from './events.js';
import { firstState } from './lifecycle.js';

/**
 * Registers a deployment as `scheduled`.
 *
 * @throws ApplicationError `forbidden`, `contract-violation` when `commit_at` is no instant
 */
export function* create(
  request: DeploymentCreate,
  caller: Caller,
  { id, at }: Identity,
): Decision<StoredDeployment> {
  const { controls } = yield* look({ controls: { read: 'controls' } as const });
  const auto = request.auto ?? true;
  const deployment: Deployment = {
    id,
    created_at: at,
    updated_at: at,
    started_at: null,
    finished_at: null,
    deployed_at: null,
    organisation: caller.organisation,
    name: request.name,
    version: request.version,
    environment: request.environment,
    provider: request.provider,
    cloud_account_id: request.cloud_account_id ?? null,
    region: request.region ?? null,
    cell: request.cell ?? null,
    type: request.type,
    auto,
    commit_sha: request.commit_sha ?? null,
    commit_at: instantOf(request.commit_at, '#/commit_at'),
    description: request.description ?? null,
    notes: request.notes ?? null,
    build_uri: request.build_uri ?? null,
    deployment_uri: request.deployment_uri ?? null,
    resource: request.resource ?? null,
    pipeline_extra_params: request.pipeline_extra_params ?? null,
    status: 'scheduled',
    trigger: auto ? 'auto' : 'manual',
    source_deployment_id: null,
    rollback_from_deployment_id: null,
    created_by_repo: caller.repository,
    created_by_workflow: caller.workflow,
    created_by_actor: caller.actor,
    approvals: noApprovals,
  };
  requireAccess({ caller, action: 'register', where: deployment }, controls);
  const stored = firstState(deployment);
  return {
    changes: {
      controlsAt: { organisation: deployment.organisation, revision: controls.revision },
      deployments: { created: [stored] },
      events: [recordEvent(undefined, stored, byRequest, sourceOf(caller), at)],
    },
    result: stored,
  };
}
