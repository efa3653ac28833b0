import type {
  Deployment,
  DeploymentEvent,
  StoredDeployment,
} from '../../domain/deployments/deployment.js';
import type { QueueDepth } from '../store.js';
import { taxonomyKey } from '../../domain/deployments/taxonomy.js';
import type { Row, Value } from './driver.js';

/** A stored deployment, and the change that wrote its row last. */
export interface StoredRow {
  readonly stored: StoredDeployment;
  readonly changeId: string;
}

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
  'trigger_kind',
  'source_deployment_id',
  'rollback_from_deployment_id',
  'created_by_repo',
  'created_by_workflow',
  'created_by_actor',
] as const;

/** The columns of a whole row but its taxonomy key. */
export const storedColumns = [
  ...deploymentColumns,
  'revision',
  'ever_deployed',
  'change_id',
] as const;

const statuses = ['scheduled', 'in_progress', 'deployed', 'skipped', 'failed'] as const;
const providers = ['gcp', 'aws', 'azure'] as const;
const types = ['k8s', 'terraform', 'data_pipeline'] as const;
const triggers = ['auto', 'manual', 'rollback'] as const;
const causes = ['request', 'auto_skip', 'rollback'] as const;

/** Turns a row of `deploymentColumns` into a deployment. */
export function toDeployment(row: Row): Deployment {
  return {
    id: text(row, 'ID'),
    created_at: instant(row, 'CREATED_AT'),
    updated_at: instant(row, 'UPDATED_AT'),
    organisation: text(row, 'ORGANISATION'),
    name: text(row, 'NAME'),
    version: text(row, 'VERSION'),
    environment: text(row, 'ENVIRONMENT'),
    provider: oneOf(providers, row, 'PROVIDER'),
    cloud_account_id: textOrNull(row, 'CLOUD_ACCOUNT_ID'),
    region: textOrNull(row, 'REGION'),
    cell: textOrNull(row, 'CELL'),
    type: oneOf(types, row, 'TYPE'),
    auto: flag(row, 'AUTO'),
    commit_sha: textOrNull(row, 'COMMIT_SHA'),
    description: textOrNull(row, 'DESCRIPTION'),
    notes: textOrNull(row, 'NOTES'),
    build_uri: textOrNull(row, 'BUILD_URI'),
    deployment_uri: textOrNull(row, 'DEPLOYMENT_URI'),
    resource: textOrNull(row, 'RESOURCE'),
    pipeline_extra_params: textOrNull(row, 'PIPELINE_EXTRA_PARAMS'),
    status: oneOf(statuses, row, 'STATUS'),
    trigger: oneOf(triggers, row, 'TRIGGER_KIND'),
    source_deployment_id: textOrNull(row, 'SOURCE_DEPLOYMENT_ID'),
    rollback_from_deployment_id: textOrNull(row, 'ROLLBACK_FROM_DEPLOYMENT_ID'),
    created_by_repo: textOrNull(row, 'CREATED_BY_REPO'),
    created_by_workflow: textOrNull(row, 'CREATED_BY_WORKFLOW'),
    created_by_actor: textOrNull(row, 'CREATED_BY_ACTOR'),
  };
}

/** Turns a row of `storedColumns` into what the store keeps. */
export function toStored(row: Row): StoredRow {
  return {
    stored: {
      deployment: toDeployment(row),
      revision: whole(row, 'REVISION'),
      everDeployed: flag(row, 'EVER_DEPLOYED'),
    },
    changeId: text(row, 'CHANGE_ID'),
  };
}

/** Turns a row of `deployment_events` into an event. */
export function toEvent(row: Row): DeploymentEvent {
  const from = row['FROM_STATUS'];
  return {
    occurred_at: instant(row, 'OCCURRED_AT'),
    from_status: from === null ? null : oneOf(statuses, row, 'FROM_STATUS'),
    to_status: oneOf(statuses, row, 'TO_STATUS'),
    cause: oneOf(causes, row, 'CAUSE'),
    cause_deployment_id: textOrNull(row, 'CAUSE_DEPLOYMENT_ID'),
    actor: textOrNull(row, 'ACTOR'),
    repository: textOrNull(row, 'REPOSITORY'),
    workflow: textOrNull(row, 'WORKFLOW'),
  };
}

/** Turns a row of what waits or runs into its depth. */
export function toDepth(row: Row): QueueDepth {
  return {
    environment: text(row, 'ENVIRONMENT'),
    status: oneOf(['scheduled', 'in_progress'], row, 'STATUS'),
    count: whole(row, 'DEPLOYMENTS'),
  };
}

/** The values of a new row: `storedColumns`, then the taxonomy key. */
export function toValues(
  { deployment, revision, everDeployed }: StoredDeployment,
  changeId: string,
): Value[] {
  const { created_at: createdAt, updated_at: updatedAt, trigger, ...rest } = deployment;
  const fields: Record<(typeof deploymentColumns)[number], Value> = {
    ...rest,
    created_at: toTimestamp(createdAt),
    updated_at: toTimestamp(updatedAt),
    trigger_kind: trigger,
  };
  return [
    ...deploymentColumns.map((column) => fields[column]),
    revision,
    everDeployed,
    changeId,
    taxonomyKey(deployment),
  ];
}

/**
 * An instant as a TIMESTAMP_NTZ takes it.
 *
 * @param instant RFC 3339 in UTC with milliseconds
 */
export function toTimestamp(instant: string): string {
  return instant.replace('T', ' ').replace('Z', '');
}

/** An instant as the domain writes it; the driver gives a Date whose UTC fields are the column's. */
export function instant(row: Row, column: string): string {
  const value = row[column];
  if (value instanceof Date) return value.toISOString();
  throw unexpected(column);
}

/** A text that is never NULL. */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value === 'string') return value;
  throw unexpected(column);
}

function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

/** A BOOLEAN that is never NULL. */
export function flag(row: Row, column: string): boolean {
  const value = row[column];
  if (typeof value === 'boolean') return value;
  throw unexpected(column);
}

/** A number without a fraction. */
export function whole(row: Row, column: string): number {
  const value = row[column];
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw unexpected(column);
}

function oneOf<T extends string>(values: readonly T[], row: Row, column: string): T {
  const found = values.find((value) => value === row[column]);
  if (found !== undefined) return found;
  throw unexpected(column);
}

/** The value is not shown: it may be anything, and the message reaches a log. */
function unexpected(column: string): Error {
  return new Error(`Snowflake gave a value in ${column} that the service never writes there`);
}
