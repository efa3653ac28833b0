import type { ChangeSet, StoredDeployment } from '../../domain/deployment.js';
import type { Creation, DeploymentStore } from '../../domain/deployment-store.js';
import { recall } from '../../domain/idempotency.js';
import type { IdempotentRequest } from '../../domain/idempotency.js';
import { packageFile } from '../../package-root.js';
import { unobserved } from '../observer.js';
import { openDatabase } from './database.js';
import type { Database } from './database.js';
import { list } from './list.js';
import { migrate } from './migrate.js';
import {
  readDepth,
  readDeployment,
  readEvents,
  readFamily,
  readOlderScheduled,
  readRollbackMembers,
} from './read.js';
import { createRowMemory } from './row-memory.js';
import { readAnswer, writeAnswer, writeChanges } from './write.js';

/**
 * Opens the embedded store, and creates it or brings its schema up to date where needed.
 *
 * @param path of the SQLite file
 * @param observer is told of further tries
 */
export async function openSqliteStore(
  path: string,
  observer = unobserved,
): Promise<DeploymentStore> {
  const database = openDatabase(path, observer);
  await migrate(database, packageFile('sql/sqlite'));
  const memory = createRowMemory(database);
  // Remembered only once it is committed.
  const keep = <R extends { readonly stored: StoredDeployment }>(result: R): R => ({
    ...result,
    stored: memory.keep(result.stored),
  });

  return {
    list: promised((query) => list(database, memory, query)),

    get: promised((organisation, id) => readDeployment(database, memory, organisation, id)),

    events: promised((organisation, id) =>
      readDeployment(database, memory, organisation, id) === undefined
        ? undefined
        : readEvents(database, id),
    ),

    family: promised((organisation, id) => {
      const deployment = readDeployment(database, memory, organisation, id)?.deployment;
      return deployment && { deployment, members: readFamily(database, deployment) };
    }),

    async create(organisation, idempotency, decide) {
      const creation = await database.transaction(() =>
        createOnce(database, organisation, idempotency, decide),
      );
      return creation.replayed ? creation : keep(creation);
    },

    async update(organisation, id, withScheduled, decide) {
      const update = await database.transaction(() => {
        const target = readDeployment(database, memory, organisation, id);
        if (target === undefined) return undefined;
        const scheduled = withScheduled ? readOlderScheduled(database, target.deployment) : [];
        const changes = decide({ target, scheduled });
        writeChanges(database, changes);
        const stored = changes.updated.find(({ deployment }) => deployment.id === id) ?? target;
        return { stored, changes };
      });
      for (const stored of update?.changes.updated ?? []) memory.keep(stored);
      return update && keep(update);
    },

    async rollback(selector, targetVersion, idempotency, decide) {
      const creation = await database.transaction(() => {
        const byId = 'id' in selector;
        const from = byId
          ? readDeployment(database, memory, selector.organisation, selector.id)?.deployment
          : undefined;
        const taxonomy = byId ? from : selector.taxonomy;
        if (taxonomy === undefined) return undefined;
        return createOnce(database, taxonomy.organisation, idempotency, () => {
          const members = readRollbackMembers(database, { taxonomy, targetVersion });
          return decide(members, { taxonomy, from, targetVersion });
        });
      });
      return creation && !creation.replayed ? keep(creation) : creation;
    },

    depth: promised(() => readDepth(database)),

    check: promised(() => {
      database.requirePlace();
      database.prepare('SELECT count(*) FROM schema_migrations').get();
    }),

    close: promised(() => {
      database.close();
    }),
  };
}

/** Creates a deployment unless its key already has an answer; inside a transaction. */
function createOnce(
  database: Database,
  organisation: string,
  idempotency: IdempotentRequest | undefined,
  decide: () => ChangeSet,
): Creation {
  if (idempotency !== undefined) {
    const first = recall(readAnswer(database, organisation, idempotency.key), idempotency);
    if (first !== undefined) {
      return { stored: { deployment: first, revision: 1, everDeployed: false }, replayed: true };
    }
  }
  const changes = decide();
  const [stored] = changes.created;
  if (stored === undefined) throw new Error('The decision created nothing');
  writeChanges(database, changes);
  if (idempotency !== undefined) writeAnswer(database, idempotency, stored.deployment);
  return { stored, replayed: false };
}

/** Lets a function answer with a promise, and reject instead of throwing. */
function promised<A extends unknown[], R>(action: (...args: A) => R): (...args: A) => Promise<R> {
  return (...args) =>
    new Promise((resolve) => {
      resolve(action(...args));
    });
}
