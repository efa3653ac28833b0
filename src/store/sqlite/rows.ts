import type {
  Deployment,
  DeploymentEvent,
  StoredDeployment,
} from '../../domain/deployments/deployment.js';
import { taxonomyKey } from '../../domain/deployments/taxonomy.js';
import type { Row, Value } from './database.js';

/** The columns that are the contract's fields, in its order. */
export const deploymentColumns = [
  'id',
  'created_at',
  'updated_at',
  'organisation',
  'name',
  'version',
  'environment',
  'provider',
  'cloud_account_id',
  'region',
  'cell',
  'type',
  'auto',
  'commit_sha',
  'description',
  'notes',
  'build_uri',
  'deployment_uri',
  'resource',
  'pipeline_extra_params',
  'status',
  'trigger',
  'source_deployment_id',
  'rollback_from_deployment_id',
  'created_by_repo',
  'created_by_workflow',
  'created_by_actor',
] as const satisfies readonly (keyof Deployment)[];

/** The columns of a whole row, as a SELECT list. */
export const storedColumns = [...deploymentColumns, 'revision', 'ever_deployed'].join(', ');

/** A row of `deploymentColumns`, as the table's types and CHECKs hold it to the contract. */
type DeploymentRow = Omit<Deployment, 'auto'> & { readonly auto: number };

/**
 * Turns a row of `deploymentColumns` into a deployment.
 *
 * Field by field: V8 then knows the shape of the object from the start. A row as the binding makes it takes
 * twice the memory, and a copy of its rest half as much time again as reading it.
 */
export function toDeployment(row: Row): Deployment {
  // The table admits nothing but deployments; the response is validated as well.
  const fields = row as unknown as DeploymentRow;
  return {
    id: fields.id,
    created_at: fields.created_at,
    updated_at: fields.updated_at,
    organisation: fields.organisation,
    name: fields.name,
    version: fields.version,
    environment: fields.environment,
    provider: fields.provider,
    cloud_account_id: fields.cloud_account_id,
    region: fields.region,
    cell: fields.cell,
    type: fields.type,
    auto: fields.auto === 1,
    commit_sha: fields.commit_sha,
    description: fields.description,
    notes: fields.notes,
    build_uri: fields.build_uri,
    deployment_uri: fields.deployment_uri,
    resource: fields.resource,
    pipeline_extra_params: fields.pipeline_extra_params,
    status: fields.status,
    trigger: fields.trigger,
    source_deployment_id: fields.source_deployment_id,
    rollback_from_deployment_id: fields.rollback_from_deployment_id,
    created_by_repo: fields.created_by_repo,
    created_by_workflow: fields.created_by_workflow,
    created_by_actor: fields.created_by_actor,
  };
}

/** Turns a row of `storedColumns` into what the service keeps. */
export function toStored(row: Row): StoredDeployment {
  return {
    deployment: toDeployment(row),
    revision: Number(row['revision']),
    everDeployed: row['ever_deployed'] === 1,
  };
}

/** The values of a new row: `deploymentColumns`, then taxonomy key, revision and ever deployed. */
export function toValues({ deployment, revision, everDeployed }: StoredDeployment): Value[] {
  return [
    ...deploymentColumns.map((column) => toValue(deployment[column])),
    taxonomyKey(deployment),
    revision,
    toValue(everDeployed),
  ];
}

/** Turns a row of `deployment_events` into an event. */
export function toEvent(row: Row): DeploymentEvent {
  // As above: the columns are named and typed as the contract's fields.
  return row as unknown as DeploymentEvent;
}

function toValue(value: string | boolean | null): Value {
  return typeof value === 'boolean' ? Number(value) : value;
}
