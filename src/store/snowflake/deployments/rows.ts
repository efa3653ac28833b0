import { deploymentColumns, toDeployment as build } from '../../../../generated/columns.js';
import type { DeploymentColumn } from '../../../../generated/columns.js';
import { changingFields } from '../../../domain/deployments/deployment.js';
import type {
  Deployment,
  DeploymentEvent,
  StoredDeployment,
} from '../../../domain/deployments/deployment.js';
import { taxonomyKey } from '../../../domain/deployments/taxonomy.js';
import type { Row, Value } from '../driver.js';
import { flag, instant, oneOf, text, textOrNull, toTimestamp, whole } from '../values.js';

/** TRIGGER is a reserved word of Snowflake's. */
export function columnOf(field: keyof Deployment): string {
  return field === 'trigger' ? 'trigger_kind' : field;
}

/** The columns that are the contract's fields. */
export const contractColumns = deploymentColumns.map(({ name }) => columnOf(name));

/** The columns of a whole row but its taxonomy key. */
export const storedColumns = [...contractColumns, 'revision', 'ever_deployed', 'change_id'];

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
  ever_deployed: 'NULL::BOOLEAN',
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
    everDeployed: flag(row, 'EVER_DEPLOYED'),
  };
  changeIds.set(stored, text(row, 'CHANGE_ID'));
  return stored;
}

/** Where the contract names the only values of a field of a deployment. */
const valuesOf = (field: keyof Deployment): readonly string[] =>
  deploymentColumns.find(({ name }) => name === field)?.values ?? [];
const statuses = valuesOf('status') as readonly DeploymentEvent['to_status'][];
const causes = ['request', 'auto_skip', 'rollback'] as const;

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

/** The values of a new row. */
export function toValues(stored: StoredDeployment, changeId: string): Value[] {
  const { deployment, revision, everDeployed } = stored;
  return [
    ...deploymentColumns.map((column) => toValue(deployment, column)),
    revision,
    everDeployed,
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
