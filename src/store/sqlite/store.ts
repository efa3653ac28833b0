import { setTimeout as sleep } from 'node:timers/promises';
import type { ChangeSet, StoredDeployment } from '../../domain/deployments/deployment.js';
import type { Creation, DeploymentStore } from '../store.js';
import { recall } from '../../domain/idempotency/idempotency.js';
import type { IdempotentRequest } from '../../domain/idempotency/idempotency.js';
import { ApplicationError } from '../../domain/errors.js';
import { unobserved } from '../observer.js';
import type { StoreObserver } from '../observer.js';
import { openDatabase } from './database.js';
import type { Database } from './database.js';
import { explainOpening, meansLocked } from './failure.js';
import { checkSoundness } from './inspect.js';
import { list } from './list.js';
import { migrate, schemaFolder } from './migrate.js';
import {
  readDepth,
  readDeployment,
  readEvents,
  readFamily,
  readOlderScheduled,
  readRollbackMembers,
} from './read.js';
import { createRowCache } from './row-cache.js';
import { readAnswer, writeAnswer, writeChanges } from './write.js';

/**
 * Opens the embedded store, and creates it or brings its schema up to date where needed.
 *
 * @param path of the SQLite file
 * @param observer is told of further tries
 * @throws StartupError when the file cannot be written or is damaged
 */
export async function openSqliteStore(
  path: string,
  observer = unobserved,
): Promise<DeploymentStore> {
  const database = await openUpToDate(path, observer);
  const memory = createRowCache(database);
  const transaction = async <T>(work: () => T): Promise<T> => {
    try {
      return await database.transaction(work);
    } catch (error) {
      if (error instanceof ApplicationError && error.code !== 'unavailable') throw error;
      memory.forget();
      throw error;
    }
  };
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
      const creation = await transaction(() =>
        createOnce(database, organisation, idempotency, decide),
      );
      return creation.replayed ? creation : keep(creation);
    },

    async update(organisation, id, withScheduled, decide) {
      const update = await transaction(() => {
        const target = readDeployment(database, memory, organisation, id);
        if (target === undefined) return undefined;
        const scheduled = withScheduled ? readOlderScheduled(database, target.deployment) : [];
        const changes = decide({ target, scheduled });
        writeChanges(database, changes);
        const stored = changes.updated.find(({ deployment }) => deployment.id === id) ?? target;
        return { stored, changes };
      });
      for (const stored of update?.changes.updated ?? []) memory.keep(stored);
      return update;
    },

    async rollback(selector, targetVersion, idempotency, decide) {
      const creation = await transaction(() => {
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
      database.prepare('SELECT count(*) FROM schema_migrations').get();
      database.verify();
    }),

    close: promised(() => {
      database.close();
    }),
  };
}

/** How long a start waits for others who have the file locked, in milliseconds. */
const openTimeoutMs = 10_000;

/**
 * Opens a database and brings its schema up to date. Another process that recovers from a crash, or
 * writes without a pause, is waited for.
 */
async function openUpToDate(path: string, observer: StoreObserver): Promise<Database> {
  const deadline = performance.now() + openTimeoutMs;
  for (;;) {
    try {
      return await tryOpening(path, observer);
    } catch (error) {
      if (!meansLocked(error) || performance.now() > deadline) throw explainOpening(path, error);
      await sleep(50);
    }
  }
}

async function tryOpening(path: string, observer: StoreObserver): Promise<Database> {
  const database = openDatabase(path, observer);
  try {
    checkSoundness(database, path);
    await migrate(database, schemaFolder);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
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
