import { randomUUID } from 'node:crypto';
import { DatabaseSync } from '@photostructure/sqlite';
import { taxonomyKey } from '../../src/domain/deployments/taxonomy.js';
import { deploymentColumns as contractFields } from '../../generated/columns.js';
import { endedInTaxonomy, openInTaxonomy } from '../../src/store/sqlite/deployments/indexes.js';
import { newColumns as stored } from '../../src/store/sqlite/deployments/rows.js';

const deploymentColumns = contractFields.map(({ name }) => name);

type Value = string | number | null;
type Row = Record<string, Value>;
type Fields = Record<string, Value | boolean | undefined>;

/** What a plain server does with the same tables, by status and body. */
export interface PlainStore {
  list(organisation: string, limit: number): unknown[];
  get(organisation: string, id: string): unknown;
  create(organisation: string, fields: Fields): unknown;
  deploy(organisation: string, id: string): unknown;
  rollback(organisation: string, query: Readonly<Record<string, string>>): unknown;
}

/**
 * The work of a straightforward server on the same file with the same SQLite settings: prepared
 * statements, a transaction for each write, and none of the checks that the service makes.
 */
export function openPlainStore(path: string): PlainStore {
  const database = new DatabaseSync(path, { timeout: 1_000 });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
  const columns = deploymentColumns.join(', ');
  const list = database.prepare(
    `SELECT ${columns} FROM deployments INDEXED BY deployments_by_age
     WHERE organisation = ? ORDER BY created_at DESC, id DESC LIMIT ?`,
  );
  const get = database.prepare(
    `SELECT ${columns} FROM deployments WHERE id = ? AND organisation = ?`,
  );
  const newColumns = stored.join(', ');
  const insert = database.prepare(
    `INSERT INTO deployments (${newColumns})
     VALUES (${newColumns.replaceAll(/\w+/g, '?')})`,
  );
  const insertEvent = database.prepare(
    `INSERT INTO deployment_events (
       deployment_id, revision, type, occurred_at, from_status, to_status, changed, cause,
       organisation, feed_position
     )
     VALUES (
       ?1, (SELECT revision FROM deployments WHERE id = ?1), iif(?3 IS NULL, 'registered', 'changed'),
       ?2, ?3, ?4, iif(?3 IS NULL, '[]', '["status"]'), ?5, ?6, ?7
     )`,
  );
  const nextPosition = database.prepare(
    `INSERT INTO feeds (organisation, position) VALUES (?, 1)
     ON CONFLICT (organisation) DO UPDATE SET position = feeds.position + 1
     RETURNING position`,
  );
  const skip = database.prepare(
    `UPDATE deployments SET status = 'skipped', updated_at = ?, revision = revision + 1 WHERE id = ?`,
  );
  const setDeployed = database.prepare(
    `UPDATE deployments
     SET status = 'deployed', updated_at = ?1, started_at = coalesce(started_at, ?1), finished_at = ?1,
         deployed_at = ?1, revision = revision + 1
     WHERE id = ?2
     RETURNING ${columns}`,
  );
  const older = database.prepare(
    `SELECT id FROM deployments
     WHERE taxonomy_key = ? AND status = 'scheduled' AND ${openInTaxonomy}
       AND (created_at, id) < (?, ?)`,
  );
  const deployed = database.prepare(
    `SELECT ${columns} FROM deployments
     WHERE taxonomy_key = ? AND status = 'deployed' AND ${endedInTaxonomy}
     ORDER BY finished_at DESC, created_at DESC, id DESC LIMIT 2`,
  );

  const shown = (row: unknown): unknown => ({
    ...(row as Row),
    auto: (row as Row)['auto'] === 1,
    approvals: JSON.parse(String((row as Row)['approvals'])) as unknown,
  });
  const transaction = <T>(work: () => T): T => {
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  };
  const addEvent = (organisation: Value, ...event: readonly Value[]): void => {
    const { position = null } = nextPosition.get(organisation) as Row;
    insertEvent.run(...event, organisation, position);
  };
  const add = (fields: Fields, cause: string): unknown => {
    const at = new Date().toISOString();
    const row: Fields = {
      ...fields,
      id: randomUUID(),
      created_at: at,
      updated_at: at,
      status: 'scheduled',
      approvals: '[]',
    };
    const values = deploymentColumns.map((column) => {
      const value = row[column] ?? null;
      return typeof value === 'boolean' ? Number(value) : value;
    });
    const key = taxonomyKey(row as unknown as Parameters<typeof taxonomyKey>[0]);
    insert.run(...values, 1, String(row['source_deployment_id'] ?? '') || null, key);
    addEvent(String(row['organisation']), String(row['id']), at, null, 'scheduled', cause);
    const created = deploymentColumns.map((column) => [column, row[column] ?? null]);
    return { ...(Object.fromEntries(created) as Row), approvals: [] };
  };

  return {
    list: (organisation, limit) => list.all(organisation, limit).map(shown),
    get: (organisation, id) => shown(get.get(id, organisation)),
    create: (organisation, fields) =>
      transaction(() => add({ auto: true, trigger: 'auto', ...fields, organisation }, 'request')),
    deploy: (organisation, id) =>
      transaction(() => {
        const row = get.get(id, organisation) as Row;
        const at = new Date().toISOString();
        const key = taxonomyKey(row as unknown as Parameters<typeof taxonomyKey>[0]);
        for (const { id: waiting } of older.all(key, row['created_at'] ?? null, id) as Row[]) {
          skip.run(at, waiting ?? null);
          addEvent(organisation, waiting ?? null, at, 'scheduled', 'skipped', 'auto_skip');
        }
        const deployed: unknown = setDeployed.get(at, id);
        addEvent(organisation, id, at, String(row['status']), 'deployed', 'request');
        return shown(deployed);
      }),
    rollback: (organisation, query) =>
      transaction(() => {
        const { name, environment, provider, cloud_account_id, region, cell } = query;
        const taxonomy = { organisation, name, environment, provider };
        const places = {
          cloud_account_id: cloud_account_id ?? null,
          region: region ?? null,
          cell: cell ?? null,
        };
        const key = taxonomyKey({ ...taxonomy, ...places } as Parameters<typeof taxonomyKey>[0]);
        const [from, source] = deployed.all(key) as Row[];
        if (from === undefined || source === undefined) throw new Error('Nothing to go back to');
        return add(
          {
            ...source,
            trigger: 'rollback',
            auto: false,
            deployment_uri: null,
            started_at: null,
            finished_at: null,
            deployed_at: null,
            source_deployment_id: source['id'],
            rollback_from_deployment_id: from['id'],
          },
          'rollback',
        );
      }),
  };
}
