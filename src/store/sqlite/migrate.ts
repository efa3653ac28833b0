import { readFileSync } from 'node:fs';
import { packageFile } from '../../platform/package-file.js';
import { taxonomyKey } from '../../domain/deployments/taxonomy.js';
import type { Taxonomy } from '../../domain/deployments/taxonomy.js';
import { schemaFiles } from '../schema-files.js';
import { responseSince01, taxonomySince01 } from '../since-0-1.js';
import type { Database } from './database.js';

/** Where the schema files are. */
export const schemaFolder = packageFile('sql/sqlite');

/** The newest version among the schema files. */
export function newestVersion(folder: string): number {
  return Math.max(...schemaFiles(folder).map(({ version }) => version));
}

/** What SQL alone cannot do, by the schema file after which it is done. */
const dataSteps: ReadonlyMap<string, (database: Pick<Database, 'prepare'>) => void> = new Map([
  ['0003_contract_0_2.sql', toContract02],
]);

/**
 * Applies the numbered schema files that a database does not have yet, each once, in one
 * transaction, so that two processes may start at once.
 *
 * @param folder files named `NNNN_what.sql`
 * @throws Error when the database was written by a newer version of the service
 */
export async function migrate(database: Database, folder: string): Promise<void> {
  const files = schemaFiles(folder);
  await database.transaction(() => {
    database.exec(
      `CREATE TABLE IF NOT EXISTS schema_migrations (
         version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL
       ) STRICT`,
    );
    const applied = new Set(
      database
        .prepare('SELECT version FROM schema_migrations')
        .all()
        .map((row) => row['version']),
    );
    const known = new Map(files.map((file) => [file.version, file]));
    const unknown = [...applied].filter((version) => !known.has(Number(version)));
    if (unknown.length > 0) {
      throw new Error(
        `The database has schema version ${Math.max(...unknown.map(Number))}, which this version ` +
          `of the service does not know (it knows ${Math.max(...known.keys())}); run a newer one`,
      );
    }
    for (const { version, name, path } of files) {
      if (applied.has(version)) continue;
      database.exec(readFileSync(path, 'utf8'));
      dataSteps.get(name)?.(database);
      database
        .prepare('INSERT INTO schema_migrations (version, name, applied_at) VALUES (?, ?, ?)')
        .run(version, name, new Date().toISOString());
    }
  });
}

/** Brings taxonomies, with their keys, and remembered responses to what they are since the contract 0.2. */
function toContract02(database: Pick<Database, 'prepare'>): void {
  const places = database
    .prepare(
      `SELECT DISTINCT organisation, name, environment, provider, cloud_account_id, region, cell,
              taxonomy_key
       FROM deployments`,
    )
    .all() as unknown as (Taxonomy & { readonly taxonomy_key: string })[];
  for (const { taxonomy_key: before, ...place } of places) {
    const taxonomy = taxonomySince01(place);
    const key = taxonomyKey(taxonomy);
    if (key === before) continue;
    const { environment, cloud_account_id: account, region, cell } = taxonomy;
    database
      .prepare(
        `UPDATE deployments
         SET environment = ?, cloud_account_id = ?, region = ?, cell = ?, taxonomy_key = ?
         WHERE taxonomy_key = ?`,
      )
      .run(environment, account, region, cell, key, before);
    database
      .prepare('UPDATE rolled_back SET taxonomy_key = ? WHERE taxonomy_key = ?')
      .run(key, before);
  }
  const responses = database
    .prepare('SELECT organisation, owner, key, deployment FROM idempotency_keys')
    .all();
  for (const { organisation = null, owner = null, key = null, deployment } of responses) {
    database
      .prepare(
        'UPDATE idempotency_keys SET deployment = ? WHERE organisation = ? AND owner = ? AND key = ?',
      )
      .run(responseSince01(String(deployment)), organisation, owner, key);
  }
}
