import { DatabaseSync } from '@photostructure/sqlite';
import type { DeploymentStatus } from '../../../src/domain/deployments/deployment.js';
import { lifeTable } from '../../support/life-table.js';
import type { WriteLoad } from './write-load.js';

interface DeploymentRow {
  readonly id: string;
  readonly created_at: string;
  readonly name: string;
  readonly version: string;
  readonly status: string;
  readonly trigger: string;
  readonly source_deployment_id: string | null;
  readonly rollback_from_deployment_id: string | null;
  readonly taxonomy_key: string;
  readonly revision: number;
}

interface EventRow {
  readonly deployment_id: string;
  readonly revision: number;
  readonly from_status: DeploymentStatus | null;
  readonly to_status: DeploymentStatus;
  readonly changed: string;
  readonly cause: string;
  readonly cause_deployment_id: string | null;
}

/** What a store holds, as it was at one moment. */
export interface StoredRows {
  /** Oldest first. */
  readonly deployments: readonly DeploymentRow[];
  /** In the order in which they came about; unless `isInOrder`, those of each deployment. */
  readonly events: readonly EventRow[];
  readonly isInOrder: boolean;
  /** The id of the deployment that each key stands for. */
  readonly keys: readonly { readonly key: string; readonly id: string }[];
  /** What the store itself finds wrong. */
  readonly damage: string;
}

/** Reads a file while a service may use it. */
function readFile(path: string): StoredRows {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 1000 });
  try {
    const all = (sql: string): unknown[] => database.prepare(sql).all();
    database.exec('BEGIN');
    const rows = {
      deployments: all('SELECT * FROM deployments ORDER BY created_at, id') as DeploymentRow[],
      events: all('SELECT * FROM deployment_events ORDER BY sequence') as EventRow[],
      isInOrder: true,
      keys: all(
        "SELECT key, deployment ->> 'id' AS id FROM idempotency_keys",
      ) as StoredRows['keys'],
      damage: [
        ...all('PRAGMA integrity_check').filter(
          (row) => (row as { integrity_check: string }).integrity_check !== 'ok',
        ),
        ...all('PRAGMA foreign_key_check'),
      ]
        .map((row) => JSON.stringify(row))
        .join(),
    };
    database.exec('COMMIT');
    return rows;
  } finally {
    database.close();
  }
}

/** All that a store holds. */
export class StoredState {
  readonly deployments: ReadonlyMap<string, DeploymentRow>;
  readonly events: readonly EventRow[];
  readonly #isInOrder: boolean;
  readonly #keys: ReadonlyMap<string, string>;
  readonly #damage: string;

  /** @param from the path of a file of SQLite, or what was read elsewhere */
  constructor(from: string | StoredRows) {
    const rows = typeof from === 'string' ? readFile(from) : from;
    this.deployments = new Map(rows.deployments.map((row) => [row.id, row]));
    this.events = rows.events;
    this.#isInOrder = rows.isInOrder;
    this.#keys = new Map(rows.keys.map(({ key, id }) => [key, id]));
    this.#damage = rows.damage;
  }

  /** What is against the design, in words; nothing when every change is whole. */
  faults(): string[] {
    return [
      ...(this.#damage === '' ? [] : [this.#damage]),
      ...this.#faultsOfHistory(),
      ...this.#faultsOfKeys(),
      ...[...this.deployments.values()].flatMap((row) => this.#faultsOfRollback(row)),
    ];
  }

  /** What was answered and is not here, or is here more than once. */
  losses(load: WriteLoad): string[] {
    const losses: string[] = [];
    for (const [key, { id, name, version }] of load.created) {
      const row = this.deployments.get(id);
      if (row?.name !== name || row.version !== version) losses.push(`${key} is lost`);
      if (this.#keys.get(key) !== id) losses.push(`${key} is not remembered as ${id}`);
    }
    const histories = new Map<string, string[]>();
    for (const { deployment_id: id, to_status: to } of this.events) {
      histories.set(id, [...(histories.get(id) ?? []), to]);
    }
    for (const [id, moves] of load.moved) {
      const history = histories.get(id) ?? [];
      let at = -1;
      // A move to where it was already leaves no event.
      const steps = moves.filter((status, index) => status !== moves[index - 1]);
      for (const status of steps) {
        at = history.indexOf(status, at + 1);
        if (at === -1) losses.push(`${id} was ${moves.join()}, and is ${history.join()}`);
        if (at === -1) break;
      }
    }
    return losses;
  }

  /** Plays the events, and compares what comes out with the deployments. */
  #faultsOfHistory(): string[] {
    const faults: string[] = [];
    const statuses = new Map<string, string>();
    const changes = new Map<string, number>();
    let deployed: DeploymentRow | undefined;
    for (const [index, event] of this.events.entries()) {
      const { deployment_id: id, from_status: from, to_status: to, cause } = event;
      const row = this.deployments.get(id);
      if (row === undefined) faults.push(`An event of ${id}, which is not there`);
      const before = statuses.get(id);
      if ((before ?? null) !== from) faults.push(`${id} goes from ${from}, but is ${before}`);
      const may = from === null ? to === 'scheduled' : lifeTable[from][to] !== 'no';
      const moves = from !== null && from !== to;
      if (!may || event.changed.includes('"status"') !== moves) {
        faults.push(`${id} goes from ${from} to ${to} by a change of ${event.changed}`);
      }
      if (this.#isInOrder && cause === 'auto_skip' && event.cause_deployment_id !== deployed?.id) {
        faults.push(`${id} is skipped by ${event.cause_deployment_id}, apart from it`);
      }
      statuses.set(id, to);
      changes.set(id, (changes.get(id) ?? 0) + 1);
      if (event.revision !== changes.get(id)) faults.push(`${id} skips to ${event.revision}`);
      if (to === 'deployed' && this.#isInOrder) deployed = row;
      // Auto-skip is whole once the next event is about something else.
      if (this.events[index + 1]?.cause === 'auto_skip') continue;
      if (deployed !== undefined) faults.push(...this.#leftScheduled(deployed, statuses));
      deployed = undefined;
    }
    for (const { id, status, revision } of this.deployments.values()) {
      if (statuses.get(id) !== status) faults.push(`${id} is ${status}, not ${statuses.get(id)}`);
      if (changes.get(id) !== revision) faults.push(`${id} has revision ${revision}`);
    }
    return faults;
  }

  #leftScheduled(deployed: DeploymentRow, statuses: ReadonlyMap<string, string>): string[] {
    const faults: string[] = [];
    for (const row of this.deployments.values()) {
      if (row.id === deployed.id) break;
      if (row.taxonomy_key === deployed.taxonomy_key && statuses.get(row.id) === 'scheduled') {
        faults.push(`${row.id} stayed scheduled when ${deployed.id} was deployed`);
      }
    }
    return faults;
  }

  #faultsOfKeys(): string[] {
    const faults: string[] = [];
    for (const [key, id] of this.#keys) {
      if (!this.deployments.has(id)) faults.push(`${key} stands for ${id}, which is not there`);
    }
    const registered = [...this.deployments.values()].filter(({ trigger }) => trigger === 'auto');
    const versions = new Set(registered.map(({ version }) => version));
    if (versions.size !== registered.length) faults.push('A registration was made twice');
    if (this.#keys.size !== this.deployments.size) faults.push('A deployment has no key');
    return faults;
  }

  #faultsOfRollback(row: DeploymentRow): string[] {
    const links = [row.source_deployment_id, row.rollback_from_deployment_id];
    const whole = links.every((id) => (id !== null) === (row.trigger === 'rollback'));
    return whole ? [] : [`${row.id} is half a rollback`];
  }
}
