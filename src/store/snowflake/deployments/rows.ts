import {
  deploymentColumns,
  eventColumns,
  toDeployment as build,
} from '../../../../generated/columns.js';
import type { DeploymentColumn, EventColumn } from '../../../../generated/columns.js';
import type { RecordedEvent } from '../../../domain/deployments/changes.js';
import { changingFields } from '../../../domain/deployments/deployment.js';
import type {
  Deployment,
  DeploymentEvent,
  StoredDeployment,
} from '../../../domain/deployments/deployment.js';
import { feedDeploymentFields } from '../../../domain/feed/feed.js';
import type { FeedDeployment } from '../../../domain/feed/feed.js';
import { namedFields } from '../../../domain/deployments/events.js';
import { taxonomyKey } from '../../../domain/deployments/taxonomy.js';
import { parseList } from '../../json-lists.js';
import type { Row, Value } from '../statement.js';
import { flag, instant, listOf, oneOf, text, textOrNull, toTimestamp, whole } from '../values.js';

/** TRIGGER is a reserved word of Snowflake's. */
export function columnOf(field: keyof Deployment | keyof DeploymentEvent): string {
  return field === 'trigger' ? 'trigger_kind' : field;
}

type Kind = (DeploymentColumn | EventColumn)['kind'];

const types: Readonly<Record<Kind, string>> = {
  text: 'VARCHAR',
  boolean: 'BOOLEAN',
  integer: 'NUMBER(18, 0)',
  instant: 'TIMESTAMP_NTZ(3)',
  list: 'VARCHAR',
  json: 'VARCHAR',
};

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
    deploymentColumns.map((column) => [columnOf(column.name), `NULL::${types[column.kind]}`]),
  ),
  revision: 'NULL::NUMBER(18, 0)',
  base_id: 'NULL::VARCHAR',
  change_id: 'NULL::VARCHAR',
};

/**
 * The change that wrote a row last, by the deployment that was made of the row: what a decision rests on
 * can be held against what is there when the change is stored.
 */
const changeIds = new WeakMap<StoredDeployment, string>();

/** Notes which change wrote the row of a deployment last. */
export function setChangeId(stored: StoredDeployment, changeId: string): void {
  changeIds.set(stored, changeId);
}

/**
 * The change that wrote the row of a deployment last.
 *
 * @throws Error for a deployment that was not read from this store
 */
export function changeIdOf(stored: StoredDeployment): string {
  const changeId = changeIds.get(stored);
  if (changeId === undefined) throw new Error(`Deployment ${stored.deployment.id} was not read`);
  return changeId;
}

/** Turns a row of `contractColumns` into a deployment. */
export function toDeployment(row: Row): Deployment {
  const values = deploymentColumns.map((column) => [column.name, read(row, column)]);
  return build(Object.fromEntries(values) as { [Name in keyof Deployment]: unknown }, asItIs);
}

const asItIs = {
  boolean: (value: boolean) => value,
  instant: (value: string | null) => value,
  json: (value: unknown) => value,
};

function read(row: Row, { name, kind, nullable, values }: DeploymentColumn | EventColumn): unknown {
  const column = columnOf(name).toUpperCase();
  if (nullable && row[column] === null) return null;
  switch (kind) {
    case 'boolean':
      return flag(row, column);
    case 'integer':
      return whole(row, column);
    case 'instant':
      return instant(row, column);
    case 'list':
      return listOf(namedFields, row, column);
    case 'json':
      return parseList(row[column]);
    case 'text':
      return values === null ? text(row, column) : oneOf(values, row, column);
  }
}

/** Turns a row of `storedColumns` into what the store keeps. */
export function toStored(row: Row): StoredDeployment {
  const stored = {
    deployment: toDeployment(row),
    revision: whole(row, 'REVISION'),
    baseId: textOrNull(row, 'BASE_ID'),
  };
  setChangeId(stored, text(row, 'CHANGE_ID'));
  return stored;
}

/** The values of `provider`. */
export const providers = columnFor('provider').values as readonly Deployment['provider'][];

/** The columns of an event that are the contract's fields, of a table, as a SELECT list. */
export const eventColumnsOf = (table: string): string =>
  eventColumns.map(({ name }) => `${table}.${columnOf(name)}`).join(', ');

/** The columns of a new row of `deployment_events`, in the order of `toEventValues`. */
export const newEventColumns = [
  'deployment_id',
  ...eventColumns.map(({ name }) => columnOf(name)),
  'organisation',
  'feed_position',
];

/** What each of them is cast to where a value alone does not say. */
export const newEventTypes = [
  types.text,
  ...eventColumns.map(({ kind }) => types[kind]),
  types.text,
  types.integer,
];

/** The values of a new row of `deployment_events`. */
export function toEventValues({ organisation, deploymentId, event }: RecordedEvent): Value[] {
  return [
    deploymentId,
    ...eventColumns.map(({ name, kind }) => toValue(event[name], kind)),
    organisation,
    unnumbered,
  ];
}

/** The position in the feed of an event that has none yet. */
const unnumbered = 0;

/** Turns a row of `feedDeploymentColumns` into what an entry of a feed says of its deployment. */
export function toFeedDeployment(row: Row): FeedDeployment {
  const values = feedDeploymentFields.map((field) => [field, read(row, columnFor(field))] as const);
  // The columns are its fields, each of its kind.
  return Object.fromEntries(values) as unknown as FeedDeployment;
}

/** Turns a row of `deployment_events` into an event. */
export function toEvent(row: Row): DeploymentEvent {
  const values = eventColumns.map((column) => [column.name, read(row, column)] as const);
  // The columns are its fields, each of its kind.
  return Object.fromEntries(values) as unknown as DeploymentEvent;
}

/** The values of a new row. */
export function toValues(stored: StoredDeployment, changeId: string): Value[] {
  const { deployment, revision, baseId } = stored;
  return [
    ...deploymentColumns.map(({ name, kind }) => toValue(deployment[name], kind)),
    revision,
    baseId,
    changeId,
    taxonomyKey(deployment),
  ];
}

/** The columns that change, and what each is cast to where a value alone does not say. */
export const changingColumns: readonly { readonly name: string; readonly type: string }[] =
  changingFields.map((field) => ({ name: columnOf(field), type: types[columnFor(field).kind] }));

/** The values of those. */
export function toChangingValues({ deployment }: StoredDeployment): Value[] {
  return changingFields.map((field) => toValue(deployment[field], columnFor(field).kind));
}

function columnFor(field: keyof Deployment): DeploymentColumn {
  const column = deploymentColumns.find(({ name }) => name === field);
  if (column === undefined) throw new Error(`The contract has no field ${field}`);
  return column;
}

function toValue(value: Value | readonly unknown[], kind: Kind): Value {
  if (kind === 'instant' && typeof value === 'string') return toTimestamp(value);
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}
