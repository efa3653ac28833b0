import { deploymentColumns, toDeployment as build } from '../../../../generated/columns.js';
import type { DeploymentColumn } from '../../../../generated/columns.js';
import type { RecordedEvent } from '../../../domain/deployments/changes.js';
import { changingFields } from '../../../domain/deployments/deployment.js';
import type {
  Deployment,
  DeploymentEvent,
  StoredDeployment,
} from '../../../domain/deployments/deployment.js';
import { taxonomyKey } from '../../../domain/deployments/taxonomy.js';
import type { Row, Value } from '../driver.js';
import { flag, instant, listOf, oneOf, text, textOrNull, toTimestamp, whole } from '../values.js';

/** TRIGGER is a reserved word of Snowflake's. */
export function columnOf(field: keyof Deployment): string {
  return field === 'trigger' ? 'trigger_kind' : field;
}

/** The columns that are the contract's fields. */
export const contractColumns = deploymentColumns.map(({ name }) => columnOf(name));

/** The columns of a whole row but its taxonomy key. */
export const storedColumns = [...contractColumns, 'revision', 'base_id', 'change_id'];

/** The columns of a new row, in the order of `toValues`. */
export const newColumns = [...storedColumns, 'taxonomy_key'];

/** Those columns of a table, as a SELECT list. */
export const storedColumnsOf = (table: string): string =>
  storedColumns.map((name) => `${table}.${name}`).join(', ');

/**
 * Those columns as a SELECT list where there is no deployment: NULL, but for what is to stand in a column
 * of its type. Each is cast, since a part of a UNION has to be of the types of the others.
 */
export const columnsWith = (expressions: Readonly<Record<string, string>>): string =>
  storedColumns
    .map((name) => `${expressions[name] ?? nulls[name] ?? 'NULL'} AS ${name}`)
    .join(', ');

const nulls: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    deploymentColumns.map((column) => [columnOf(column.name), `NULL::${typeOf(column)}`]),
  ),
  revision: 'NULL::NUMBER(18, 0)',
  base_id: 'NULL::VARCHAR',
  change_id: 'NULL::VARCHAR',
};

/**
 * The change that wrote a row last, by the deployment that was made of the row: what a decision rests on
 * can be held against what is there when the change is stored.
 */
export const changeIds = new WeakMap<StoredDeployment, string>();

/** Turns a row of `contractColumns` into a deployment. */
export function toDeployment(row: Row): Deployment {
  const values = deploymentColumns.map((column) => [column.name, read(row, column)]);
  return build(Object.fromEntries(values) as { [Name in keyof Deployment]: unknown }, asItIs);
}

const asItIs = {
  boolean: (value: boolean) => value,
  instant: (value: string | null) => value,
};

function read(row: Row, { name, kind, nullable, values }: DeploymentColumn): unknown {
  const column = columnOf(name).toUpperCase();
  if (nullable && row[column] === null) return null;
  if (kind === 'boolean') return flag(row, column);
  if (kind === 'instant') return instant(row, column);
  return values === null ? text(row, column) : oneOf(values, row, column);
}

/** Turns a row of `storedColumns` into what the store keeps. */
export function toStored(row: Row): StoredDeployment {
  const stored = {
    deployment: toDeployment(row),
    revision: whole(row, 'REVISION'),
    baseId: textOrNull(row, 'BASE_ID'),
  };
  changeIds.set(stored, text(row, 'CHANGE_ID'));
  return stored;
}

/** Where the contract names the only values of a field of a deployment. */
const valuesOf = (field: keyof Deployment): readonly string[] =>
  deploymentColumns.find(({ name }) => name === field)?.values ?? [];
/** The values of `provider`. */
export const providers = valuesOf('provider') as readonly Deployment['provider'][];
const statuses = valuesOf('status') as readonly DeploymentEvent['to_status'][];
const causes = ['request', 'auto_skip', 'rollback'] as const;
const eventTypes = ['registered', 'changed'] as const;
const changedFields = ['status', 'notes', 'deployment_uri'] as const;

/** The columns of an event that are the contract's fields. */
const eventColumns = [
  'revision',
  'type',
  'occurred_at',
  'from_status',
  'to_status',
  'changed',
  'cause',
  'cause_deployment_id',
  'reason',
  'actor',
  'actor_id',
  'repository',
  'repository_id',
  'workflow',
  'ref',
  'commit_sha',
  'run_id',
  'run_attempt',
] as const satisfies readonly (keyof DeploymentEvent)[];

/** Those columns of a table, as a SELECT list. */
export const eventColumnsOf = (table: string): string =>
  eventColumns.map((name) => `${table}.${name}`).join(', ');

/** The columns of a new row of `deployment_events`, in the order of `toEventValues`. */
export const newEventColumns = ['deployment_id', ...eventColumns];

/** The values of a new row of `deployment_events`. */
export function toEventValues({ deploymentId, event }: RecordedEvent): Value[] {
  return [
    deploymentId,
    ...eventColumns.map((name): Value => {
      if (name === 'changed') return JSON.stringify(event.changed);
      return name === 'occurred_at' ? toTimestamp(event.occurred_at) : event[name];
    }),
  ];
}

/** Turns a row of `deployment_events` into an event. */
export function toEvent(row: Row): DeploymentEvent {
  const from = row['FROM_STATUS'];
  return {
    revision: whole(row, 'REVISION'),
    type: oneOf(eventTypes, row, 'TYPE'),
    occurred_at: instant(row, 'OCCURRED_AT'),
    from_status: from === null ? null : oneOf(statuses, row, 'FROM_STATUS'),
    to_status: oneOf(statuses, row, 'TO_STATUS'),
    changed: listOf(changedFields, row, 'CHANGED'),
    cause: oneOf(causes, row, 'CAUSE'),
    cause_deployment_id: textOrNull(row, 'CAUSE_DEPLOYMENT_ID'),
    reason: textOrNull(row, 'REASON'),
    actor: textOrNull(row, 'ACTOR'),
    actor_id: textOrNull(row, 'ACTOR_ID'),
    repository: textOrNull(row, 'REPOSITORY'),
    repository_id: textOrNull(row, 'REPOSITORY_ID'),
    workflow: textOrNull(row, 'WORKFLOW'),
    ref: textOrNull(row, 'REF'),
    commit_sha: textOrNull(row, 'COMMIT_SHA'),
    run_id: textOrNull(row, 'RUN_ID'),
    run_attempt: textOrNull(row, 'RUN_ATTEMPT'),
  };
}

/** The values of a new row. */
export function toValues(stored: StoredDeployment, changeId: string): Value[] {
  const { deployment, revision, baseId } = stored;
  return [
    ...deploymentColumns.map((column) => toValue(deployment, column)),
    revision,
    baseId,
    changeId,
    taxonomyKey(deployment),
  ];
}

/** The columns that change, and what each is cast to where a value alone does not say. */
export const changingColumns: readonly { readonly name: string; readonly type: string }[] =
  changingFields.map((field) => ({ name: columnOf(field), type: typeOf(columnFor(field)) }));

/** The values of those. */
export function toChangingValues({ deployment }: StoredDeployment): Value[] {
  return changingFields.map((field) => toValue(deployment, columnFor(field)));
}

function columnFor(field: keyof Deployment): DeploymentColumn {
  const column = deploymentColumns.find(({ name }) => name === field);
  if (column === undefined) throw new Error(`The contract has no field ${field}`);
  return column;
}

function typeOf({ kind }: DeploymentColumn): string {
  return { text: 'VARCHAR', boolean: 'BOOLEAN', instant: 'TIMESTAMP_NTZ(3)' }[kind];
}

function toValue(deployment: Deployment, { name, kind }: DeploymentColumn): Value {
  const value = deployment[name];
  return kind === 'instant' && typeof value === 'string' ? toTimestamp(value) : value;
}
