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
import type { Row } from '../statement.js';

const fields = deploymentColumns.map(({ name }) => name);

/** The columns that are the contract's fields, as a SELECT list. */
export const contractColumns = fields.join(', ');

const ownColumns = ['revision', 'base_id'] as const;

/** The columns of a whole row of the table, as a SELECT list. */
export const storedColumns = [...fields, ...ownColumns, 'xmin AS written_by'].join(', ');

/** Those columns of the table under an alias, as a SELECT list. */
export const storedColumnsOf = (table: string): string =>
  [...fields, ...ownColumns, 'xmin AS written_by'].map((name) => `${table}.${name}`).join(', ');

/** Those columns of rows that were selected by one of these lists. */
export const selectedColumnsOf = (table: string): string =>
  [...fields, ...ownColumns, 'written_by'].map((name) => `${table}.${name}`).join(', ');

/** The columns of a new row. */
export const newColumns = [...fields, ...ownColumns, 'taxonomy_key'].join(', ');

/** The driver gives instants and booleans as the contract has them; lists of objects are kept as text. */
const asItIs = {
  boolean: (value: boolean) => value,
  instant: (value: string | null) => value,
  json: parseList,
};

/** Turns a row of `contractColumns` into a deployment: the table admits nothing else. */
export function toDeployment(row: Row): Deployment {
  return build(row as { [Name in keyof Deployment]: unknown }, asItIs);
}

/** Turns a row of `storedColumns` into what the service keeps. */
export function toStored(row: Row): StoredDeployment {
  const stored = {
    deployment: toDeployment(row),
    revision: Number(row['revision']),
    baseId: textOrNull(row['base_id']),
  };
  writers.set(stored, String(row['written_by']));
  return stored;
}

/**
 * The transaction that wrote a row last, by the deployment that was made of the row: the system column `xmin`
 * (https://www.postgresql.org/docs/current/ddl-system-columns.html), which changes with whatever writes the row.
 */
const writers = new WeakMap<StoredDeployment, string>();

/**
 * Which transaction had written the row of a deployment last when it was read.
 *
 * @throws Error for a deployment that was not read from this store
 */
export function writerOf(stored: StoredDeployment): string {
  const writer = writers.get(stored);
  if (writer === undefined) throw new Error(`Deployment ${stored.deployment.id} was not read`);
  return writer;
}

/** A text, or NULL. */
export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** A new row, by column. */
export function toNewRow({ deployment, revision, baseId }: StoredDeployment): object {
  return { ...deployment, revision, base_id: baseId, taxonomy_key: taxonomyKey(deployment) };
}

/** The columns of an event that are the contract's fields, as a SELECT list. */
export const eventColumns = eventFields.map(({ name }) => name).join(', ');

/** Those columns of a table, as a SELECT list. */
export const eventColumnsOf = (table: string): string =>
  eventFields.map(({ name }) => `${table}.${name}`).join(', ');

/** The columns of a new row of `deployment_events`. */
export const newEventColumns = `organisation, deployment_id, ${eventColumns}`;

/** A new row of `deployment_events`, by column. */
export function toNewEventRow({ organisation, deploymentId, event }: RecordedEvent): object {
  return { organisation, deployment_id: deploymentId, ...event };
}

/** Turns a row of `eventColumns` into an event: the columns are its fields, but for its gates. */
export function toEvent(row: Row): DeploymentEvent {
  return Object.assign({}, row, { gates: parseList(row['gates']) }) as unknown as DeploymentEvent;
}
