import type { Caller } from '../callers/caller.js';
import type { Decision } from '../decision.js';
import { look } from '../decision.js';
import { contractViolation } from '../errors.js';
import { requireAccess } from '../policies/access.js';
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
  const { policies } = yield* look({ policies: { read: 'policies' } as const });
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
    commit_at: toUtc(request.commit_at),
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
  };
  requireAccess({ caller, action: 'register', taxonomy: deployment }, policies);
  const stored = firstState(deployment);
  return {
    changes: {
      policiesAt: { organisation: deployment.organisation, revision: policies.revision },
      deployments: { created: [stored] },
      events: [recordEvent(undefined, stored, byRequest, sourceOf(caller), at)],
    },
    result: stored,
  };
}

/** An instant of any offset in the contract's form, in which there are no more years than four digits hold. */
function toUtc(text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null;
  const instant = new Date(text);
  // JavaScript takes the 30th of February for the 2nd of March, and 24 o'clock for the next day.
  const day = text.slice(0, 10);
  const inUtc = isDay(day) && text.slice(11, 13) !== '24' ? isoOf(instant) : undefined;
  if (inUtc?.length === 24) return inUtc;
  const message = 'must be an instant that there is, such as 2026-01-05T09:12:44Z';
  throw contractViolation([{ pointer: '#/commit_at', message }]);
}

function isDay(day: string): boolean {
  return isoOf(new Date(`${day}T00:00:00Z`))?.startsWith(day) ?? false;
}

function isoOf(instant: Date): string | undefined {
  return Number.isNaN(instant.getTime()) ? undefined : instant.toISOString();
}
