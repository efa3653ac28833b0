import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { schemaFolder } from '../../src/store/sqlite/migrate.js';
import { idOf, instantOf } from './stored.js';

/** The statuses that the contract 0.1 had. */
export type Status01 = 'scheduled' | 'in_progress' | 'deployed' | 'failed' | 'skipped';

/** A row of 0.1 as far as tests say what is in it. */
export interface Fields01 {
  readonly organisation?: string;
  readonly name?: string;
  readonly version?: string;
  readonly environment?: string;
  readonly cloud_account_id?: string | null;
  readonly region?: string | null;
  readonly cell?: string | null;
  readonly auto?: boolean;
  readonly trigger?: 'auto' | 'manual' | 'rollback';
  readonly source_deployment_id?: string | null;
  readonly rollback_from_deployment_id?: string | null;
}

const schemaFiles = ['0001_deployments.sql', '0002_deployments_in_queue.sql'];

/** One value for a taxonomy, as 0.1 made it. */
function taxonomyKeyOf01(row: Record<string, string | number | null>): string {
  const named = ['organisation', 'name', 'environment', 'provider', 'cloud_account_id', 'region'];
  const parts = [...named, 'cell'].map((part) => row[part] ?? null);
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

/**
 * Writes a SQLite file as the service did with the contract 0.1, a change at a time; its clock goes on by a
 * second with each. Deployments are called by the numbers of `idOf`.
 */
export class FileOf01 {
  readonly database: DatabaseSyncInstance;
  #tick = 0;

  constructor(path: string) {
    this.database = new DatabaseSync(path);
    this.database.exec(
      `PRAGMA journal_mode = WAL;
       CREATE TABLE schema_migrations (
         version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL
       ) STRICT`,
    );
    for (const [index, name] of schemaFiles.entries()) {
      this.database.exec(readFileSync(join(schemaFolder, name), 'utf8'));
      this.database
        .prepare('INSERT INTO schema_migrations (version, name, applied_at) VALUES (?, ?, ?)')
        .run(index + 1, name, instantOf(0));
    }
  }

  /** How many seconds the clock has gone. */
  get now(): number {
    return this.#tick;
  }

  /** Registers a deployment. */
  register(number: number, fields: Fields01 = {}, cause: 'request' | 'rollback' = 'request'): void {
    const at = instantOf((this.#tick += 1));
    const row = {
      id: idOf(number),
      created_at: at,
      updated_at: at,
      organisation: 'acme',
      name: 'checkout',
      version: String(number),
      environment: 'production',
      provider: 'gcp',
      cloud_account_id: null,
      region: null,
      cell: null,
      type: 'k8s',
      commit_sha: '4f0c6b1c',
      description: 'Faster basket',
      notes: null,
      build_uri: null,
      deployment_uri: null,
      resource: null,
      pipeline_extra_params: null,
      status: 'scheduled',
      trigger: 'auto',
      source_deployment_id: null,
      rollback_from_deployment_id: null,
      created_by_repo: 'acme/checkout',
      created_by_workflow: 'release',
      created_by_actor: 'octocat',
      revision: 1,
      ever_deployed: 0,
      ...fields,
      auto: Number(fields.auto ?? true),
    };
    const values = { ...row, taxonomy_key: taxonomyKeyOf01(row) };
    const columns = Object.keys(values);
    this.database
      .prepare(
        `INSERT INTO deployments (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
      )
      .run(...Object.values(values));
    this.#event(row.id, at, null, 'scheduled', cause, row.rollback_from_deployment_id);
  }

  /** Registers deployments and has them deployed, one after the other. */
  deploy(...numbers: number[]): void {
    for (const number of numbers) {
      this.register(number);
      this.move(number, 'deployed');
    }
  }

  /** Registers a rollback. */
  rollBack(number: number, from: number, source: number, fields: Fields01 = {}): void {
    this.register(
      number,
      {
        version: String(this.#row(source)['version']),
        trigger: 'rollback',
        auto: false,
        source_deployment_id: idOf(source),
        rollback_from_deployment_id: idOf(from),
        ...fields,
      },
      'rollback',
    );
  }

  /** Moves a deployment through statuses, in the name of a caller or of one that skips it. */
  move(number: number, ...statuses: Status01[]): void {
    for (const status of statuses) this.#move(number, status, 'request', null);
  }

  skipFor(number: number, by: number): void {
    this.#move(number, 'skipped', 'auto_skip', idOf(by));
  }

  /** Changes notes, which left no event. */
  note(number: number, notes: string): void {
    this.database
      .prepare(
        'UPDATE deployments SET notes = ?, updated_at = ?, revision = revision + 1 WHERE id = ?',
      )
      .run(notes, instantOf((this.#tick += 1)), idOf(number));
  }

  /** Remembers a deployment as the response under a key. */
  remember(key: string, number: number, fingerprint: string, at: string): void {
    const { taxonomy_key, revision, ever_deployed, auto, ...fields } = this.#row(number);
    const response = { ...fields, auto: auto === 1 };
    if (taxonomy_key === undefined || revision === undefined || ever_deployed === undefined) {
      throw new Error('The row is not one of 0.1');
    }
    this.database
      .prepare(
        `INSERT INTO idempotency_keys (organisation, key, fingerprint, remembered_at, deployment)
         VALUES (?, ?, ?, ?, ?)`,
      )
      .run(String(fields['organisation']), key, fingerprint, at, JSON.stringify(response));
  }

  /** Adds rollbacks up to a number, each a copy of the one before it, with its events; 1 is the first. */
  copyInChain(last: number): void {
    const columns = Object.keys(this.#row(1));
    const own: Record<string, string> = {
      id: `printf('${idOf(1).slice(0, -12)}%012d', number)`,
      trigger: "'rollback'",
      source_deployment_id: `printf('${idOf(1).slice(0, -12)}%012d', number - 1)`,
      rollback_from_deployment_id: `printf('${idOf(1).slice(0, -12)}%012d', number - 1)`,
    };
    this.database.exec(
      `BEGIN;
       INSERT INTO deployments (${columns.join(', ')})
       WITH RECURSIVE numbers (number) AS (
         VALUES (2) UNION ALL SELECT number + 1 FROM numbers WHERE number < ${last}
       )
       SELECT ${columns.map((column) => own[column] ?? column).join(', ')}
       FROM numbers CROSS JOIN deployments
       WHERE id = '${idOf(1)}';
       INSERT INTO deployment_events (deployment_id, occurred_at, from_status, to_status, cause)
       SELECT deployments.id, occurred_at, from_status, to_status, cause
       FROM deployments CROSS JOIN deployment_events
       WHERE deployment_id = '${idOf(1)}' AND deployments.id <> '${idOf(1)}';
       COMMIT`,
    );
  }

  close(): void {
    this.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    this.database.close();
  }

  #row(number: number): Record<string, unknown> {
    const row = this.database
      .prepare('SELECT * FROM deployments WHERE id = ?')
      .get(idOf(number)) as Record<string, unknown> | undefined;
    if (row === undefined) throw new Error(`There is no deployment ${number}`);
    return row;
  }

  #move(number: number, status: Status01, cause: 'request' | 'auto_skip', by: string | null): void {
    const at = instantOf((this.#tick += 1));
    const before = String(this.#row(number)['status']);
    this.database
      .prepare(
        `UPDATE deployments
         SET status = ?1, updated_at = ?2, revision = revision + 1,
             ever_deployed = max(ever_deployed, ?1 = 'deployed')
         WHERE id = ?3`,
      )
      .run(status, at, idOf(number));
    this.#event(idOf(number), at, before, status, cause, by);
  }

  #event(
    id: string,
    at: string,
    from: string | null,
    to: Status01,
    cause: string,
    by: string | null,
  ): void {
    this.database
      .prepare(
        `INSERT INTO deployment_events (
           deployment_id, occurred_at, from_status, to_status, cause, cause_deployment_id, actor,
           repository, workflow
         )
         VALUES (?, ?, ?, ?, ?, ?, 'octocat', 'acme/checkout', 'release')`,
      )
      .run(id, at, from, to, cause, by);
  }
}
