import type { Deployment, DeploymentEvent, StoredDeployment } from '../../domain/deployment.js';
import { taxonomyKey } from '../../domain/taxonomy.js';
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

/** Turns a row of `deploymentColumns` into a deployment, in place. */
export function toDeployment(row: Row): Deployment {
  const deployment: Record<string, Value | boolean> = row;
  deployment['auto'] = row['auto'] === 1;
  // The table's types and CHECKs admit nothing but deployments; the response is validated as well.
  return deployment as unknown as Deployment;
}

/** Turns a row of `storedColumns` into what the service keeps, in place. */
export function toStored(row: Row): StoredDeployment {
  const { revision, ever_deployed: everDeployed, ...rest } = row;
  return {
    deployment: toDeployment(rest),
    revision: Number(revision),
    everDeployed: everDeployed === 1,
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
