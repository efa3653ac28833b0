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
export function toValue(value: string | boolean | null): Value {
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
    ...eventFields.map(({ name }) =>
      name === 'changed' ? JSON.stringify(event.changed) : event[name],
    ),
  ];
}

/** Turns a row of `eventColumns` into an event: its values are the contract's, but for the list of what changed. */
export function toEvent(row: Row): DeploymentEvent {
  const changed = JSON.parse(String(row['changed'])) as DeploymentEvent['changed'];
  return Object.assign({}, row, { changed }) as unknown as DeploymentEvent;
}
