import {
  deploymentColumns,
  eventColumns as eventFields,
  toDeployment as build,
} from '../../../../generated/columns.js';
import type { RecordedEvent } from '../../../domain/deployments/changes.js';
import type {
  Deployment,
  DeploymentEvent,
  StoredDeployment,
} from '../../../domain/deployments/deployment.js';
import { taxonomyKey } from '../../../domain/deployments/taxonomy.js';
import { parseList } from '../../json-lists.js';
import type { Row, Value } from '../database.js';

const fields = deploymentColumns.map(({ name }) => name);

/** The columns that are the contract's fields, as a SELECT list. */
export const contractColumns = fields.join(', ');

const ownColumns = ['revision', 'base_id'] as const;

/** The columns of a whole row, as a SELECT list. */
export const storedColumns = [...fields, ...ownColumns].join(', ');

/** Those columns of a table, as a SELECT list. */
export const storedColumnsOf = (table: string): string =>
  [...fields, ...ownColumns].map((name) => `${table}.${name}`).join(', ');

/** The columns of a new row, in the order of `toValues`. */
export const newColumns: readonly string[] = [...fields, ...ownColumns, 'taxonomy_key'];

const convert = {
  boolean: (value: Value) => value === 1,
  // Instants are kept in the contract's form, so that they sort as text.
  instant: (value: string | null) => value,
  json: parseList,
};

/** Turns a row of `contractColumns` into a deployment: the table admits nothing else. */
export function toDeployment(row: Row): Deployment {
  return build(row as { [Name in keyof Deployment]: Value }, convert);
}

/** Turns a row of `storedColumns` into what the service keeps. */
export function toStored(row: Row): StoredDeployment {
  return {
    deployment: toDeployment(row),
    revision: Number(row['revision']),
    baseId: textOrNull(row['base_id']),
  };
}

/** A text, or NULL. */
export function textOrNull(value: Value | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

/** The values of a new row. */
export function toValues(stored: StoredDeployment): Value[] {
  const { deployment } = stored;
  return [
    ...fields.map((field) => toValue(deployment[field])),
    stored.revision,
    stored.baseId,
    taxonomyKey(deployment),
  ];
}

/** A field's value as SQLite keeps it. */
export function toValue(value: string | number | boolean | readonly unknown[] | null): Value {
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return typeof value === 'boolean' ? Number(value) : value;
}

/** The columns of an event that are the contract's fields, as a SELECT list. */
export const eventColumns = eventFields.map(({ name }) => name).join(', ');

/** Those columns of a table, as a SELECT list. */
export const eventColumnsOf = (table: string): string =>
  eventFields.map(({ name }) => `${table}.${name}`).join(', ');

/** The columns of a new row of `deployment_events`, in the order of `toEventValues`. */
export const newEventColumns = [
  'organisation',
  'feed_position',
  'deployment_id',
  ...eventFields.map(({ name }) => name),
];

/** The values of a new row of `deployment_events`. */
export function toEventValues(
  { organisation, deploymentId, event }: RecordedEvent,
  position: number,
): Value[] {
  return [
    organisation,
    position,
    deploymentId,
    ...eventFields.map(({ name }) => toValue(event[name])),
  ];
}

/** Turns a row of `eventColumns` into an event: its values are the contract's, but for its lists. */
export function toEvent(row: Row): DeploymentEvent {
  const lists = { changed: parseList(row['changed']), gates: parseList(row['gates']) };
  return Object.assign({}, row, lists) as unknown as DeploymentEvent;
}
