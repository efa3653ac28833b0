import {
  deploymentColumns,
  deploymentOf,
  eventColumns as eventFields,
} from '../../../../generated/columns.js';
import type { RecordedEvent } from '../../../domain/deployments/changes.js';
import type { DeploymentEvent, StoredDeployment } from '../../../domain/deployments/deployment.js';
import { taxonomyKey } from '../../../domain/deployments/taxonomy.js';
import { parseList } from '../../json-lists.js';
import type { Row, Value } from '../database.js';

const fields = deploymentColumns.map(({ name }) => name);

const ownColumns = ['revision', 'base_id'] as const;

/**
 * A whole row of a table, as a SELECT list: one text, since some thirty columns, each handed over by itself, take
 * twice as long.
 */
export const storedColumnsOf = (table: string): string =>
  `json_array(${[...fields, ...ownColumns].map((name) => `${table}.${name}`).join(', ')}) AS stored`;

/** The same where there is but one table. */
export const storedColumns = storedColumnsOf('deployments');

/** The columns of a new row, in the order of `toValues`. */
export const newColumns: readonly string[] = [...fields, ...ownColumns, 'taxonomy_key'];

const convert = {
  boolean: (value: Value) => value === 1,
  // Instants are kept in the contract's form, so that they sort as text.
  instant: (value: string | null) => value,
  json: parseList,
};

/** Turns a row of `storedColumns` into what the service keeps: the table admits nothing else. */
export function toStored(row: Row): StoredDeployment {
  const values = JSON.parse(String(row['stored'])) as Value[];
  return {
    deployment: deploymentOf(values, convert),
    revision: Number(values[fields.length]),
    baseId: textOrNull(values[fields.length + 1]),
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
