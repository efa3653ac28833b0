import { setTimeout as sleep } from 'node:timers/promises';
import type { ChangeSet } from '../../domain/changes.js';
import { ApplicationError } from '../../domain/errors.js';
import type { Read, Reads, Search, Searches } from '../../domain/reads.js';
import { growthOf } from '../../domain/usage/growth.js';
import { createPublisher } from '../../events/publisher.js';
import { runDecision } from '../decision-runner.js';
import { unobserved } from '../observer.js';
import type { StoreObserver } from '../observer.js';
import { createControlsCache } from '../controls-cache.js';
import type { Commit, Store, TenantStore } from '../store.js';
import { openDatabase } from './database.js';
import type { Database } from './database.js';
import { list } from './deployments/list.js';
import {
  readDeployment,
  readEvents,
  readEventTo,
  readLineage,
  readOlderScheduled,
  readReplacedBy,
  readSkippedBy,
  readSkippingSince,
  readWhereabouts,
} from './deployments/read.js';
import { readRegisteredBefore, writeRemoved, writeRemovedEvents } from './deployments/remove.js';
import {
  readCandidates,
  readOfVersion,
  readPendingRollbacks,
  readRunning,
} from './deployments/rollback.js';
import {
  readCandidatesIn,
  readEverDeployed,
  readInProgressIn,
  readRunningIn,
  readScheduledIn,
} from './deployments/several.js';
import { listTaxonomies } from './deployments/taxonomies.js';
import {
  writeDeployments,
  writeDoneSkipping,
  writeEvents,
  writeRolledBack,
  writeSkipping,
} from './deployments/write.js';
import { readFeed } from './feed.js';
import { explainOpening, meansLocked } from './failure.js';
import { readRememberedResponse, removeExpired, writeResponse } from './idempotency.js';
import { checkSoundness } from './inspect.js';
import { createLogThread } from './log-thread.js';
import { migrate, schemaFolder } from './migrate.js';
import { readControls, readGateEvents, readPolicyEvents, writeControls } from './controls.js';
import {
  readAutoScheduled,
  readDueQueues,
  readEnvironments,
  readInProgress,
  readNextFence,
  readOwnEntries,
  readQueue,
  readQueues,
  writeFence,
  writeQueue,
} from './queue.js';
import { createReaderPool } from './reader-pool.js';
import type { ReaderPool } from './reader-pool.js';
import { createRowCache } from './row-cache.js';
import type { ConnectionRowCache } from './row-cache.js';
import type { Source } from './source.js';
import {
  depthStatement,
  isQueueShort,
  readDepth,
  readOrganisations,
  readSkipping,
} from './system.js';
import { readTenant, readTenantsSeenAs, writeTenant } from './tenants.js';
import { addUsage, readUsage } from './usage.js';
import type { LogKeeping } from './write-ahead-log.js';

/** What answers each read; one that is missing does not compile. */
export const readers: {
  readonly [Name in keyof Reads]: (source: Source, of: Reads[Name]['of']) => Reads[Name]['gives'];
} = {
  deployment: readDeployment,
  events: readEvents,
  eventTo: readEventTo,
  lineage: readLineage,
  olderScheduled: readOlderScheduled,
  skippingSince: readSkippingSince,
  skippedBy: readSkippedBy,
  replacedBy: readReplacedBy,
  running: readRunning,
  pendingRollbacks: readPendingRollbacks,
  candidates: readCandidates,
  ofVersion: readOfVersion,
  registeredBefore: readRegisteredBefore,
  runningIn: readRunningIn,
  candidatesIn: readCandidatesIn,
  inProgressIn: readInProgressIn,
  scheduledIn: readScheduledIn,
  everDeployed: readEverDeployed,
  whereabouts: readWhereabouts,
  rememberedResponse: readRememberedResponse,
  usage: readUsage,
  controls: readControls,
  policyEvents: readPolicyEvents,
  gateEvents: readGateEvents,
  environments: readEnvironments,
  queue: readQueue,
  queues: readQueues,
  ownEntries: readOwnEntries,
  inProgress: readInProgress,
  autoScheduled: readAutoScheduled,
  nextFence: readNextFence,
};

/** What writes each kind of change, in the order of the references among them. */
const writers: {
  readonly [Name in keyof ChangeSet]-?: (
    database: Database,
    changes: NonNullable<ChangeSet[Name]>,
  ) => void;
} = {
  deployments: writeDeployments,
  events: writeEvents,
  skipping: writeSkipping,
  doneSkipping: writeDoneSkipping,
  rolledBack: writeRolledBack,
  removedEvents: writeRemovedEvents,
  removed: writeRemoved,
  response: writeResponse,
  // What these rest on was read in the same transaction.
  quota: () => undefined,
  controlsAt: () => undefined,
  controls: writeControls,
  queue: writeQueue,
  fence: writeFence,
};

/**
 * Opens the embedded store, and creates it or brings its schema up to date where needed.
 *
 * @param path of the SQLite file
 * @param observer is told of further tries
 * @throws StartupError when the file cannot be written or is damaged
 */
export async function openSqliteStore(path: string, observer = unobserved): Promise<Store> {
  const isFile = path !== ':memory:';
  const log = isFile ? createLogThread(path) : undefined;
  const database = await openUpToDate(path, observer, { carryOverElsewhere: log?.carryOver });
  const cache = createRowCache(database);
  const controls = createControlsCache();
  const pool = isFile ? createReaderPool(path) : undefined;
  const commits = createPublisher<Commit>();

  async function transaction<T>(work: () => T): Promise<T> {
    try {
      return await database.transaction(work);
    } catch (error) {
      if (!(error instanceof ApplicationError) || error.code === 'unavailable') {
        cache.clear();
        controls.clear();
      }
      throw error;
    }
  }

  function tenant(organisation: string): TenantStore {
    const source = { organisation, database, cache, controls };
    return {
      read: async (query) => {
        const result = isSearch(query) ? await search(source, pool, query) : answer(source, query);
        // The reader of this name gives the result of this name.
        return result as never;
      },

      async change(_name, decide) {
        const { changes, result, seen } = await transaction(() => {
          const deciding = { organisation, database, cache: cache.forDecision(), controls };
          const decided = runDecision(decide(), (read) => answer(deciding, read));
          forgetPresent(cache, decided.changes);
          write(database, decided.changes);
          addUsage(database, organisation, growthOf(decided.changes));
          return { ...decided, seen: deciding.cache };
        });
        // Remembered only once it is committed.
        const { created = [], updated = [] } = changes.deployments ?? {};
        for (const stored of created) cache.put(stored);
        for (const { to } of updated) if (seen.isOfInterest(to.deployment.id)) cache.put(to);
        commits.publish({ organisation, changes });
        return result;
      },
    };
  }

  return {
    for: tenant,
    subscribe: (listener) => commits.subscribe(listener),
    subscribeToOthers: () => () => undefined,

    system: {
      depth: async () =>
        pool === undefined || isQueueShort(database)
          ? readDepth(database)
          : // As readDepth says.
            ((await pool.query('', { sql: depthStatement, values: [], maxBytes: 0 })) as never),
      skipping: promised(() => readSkipping(database)),
      dueQueues: promised((before, limit) => readDueQueues(database, before, limit)),
      organisations: promised(() => readOrganisations(database)),
      removeExpiredResponses: (before) => transaction(() => removeExpired(database, before)),
    },

    tenants: {
      find: promised((ownerId) => readTenant(database, ownerId)),
      seenAs: promised((login) => readTenantsSeenAs(database, login)),
      register: (owner, name, at) => transaction(() => writeTenant(database, owner, name, at)),
    },

    check: promised(() => {
      database.prepare('SELECT count(*) FROM schema_migrations').get();
      database.verify();
    }),

    async close() {
      await Promise.all([pool?.close(), log?.close()]);
      database.close();
    },
  };
}

function answer(source: Source, read: Read): unknown {
  const reader = readers[read.read] as (source: Source, of: Read) => unknown;
  return reader(source, read);
}

function isSearch(query: Read | Search): query is Search {
  return query.read in searches;
}

/** What answers each search. */
const searches: {
  readonly [Name in keyof Searches]: (
    source: Source,
    pool: ReaderPool | undefined,
    of: Searches[Name]['of'],
  ) => Promise<Searches[Name]['gives']> | Searches[Name]['gives'];
} = {
  deployments: list,
  taxonomies: listTaxonomies,
  feed: (source, _pool, query) => readFeed(source, query),
};

function search(source: Source, pool: ReaderPool | undefined, query: Search): unknown {
  const searcher = searches[query.read] as (
    source: Source,
    pool: ReaderPool | undefined,
    of: Search,
  ) => unknown;
  return searcher(source, pool, query);
}

/** Forgets which state those are in that are about to be written. */
function forgetPresent(cache: ConnectionRowCache, { deployments, removed = [] }: ChangeSet): void {
  for (const { to } of deployments?.updated ?? []) cache.changed(to.deployment.id);
  for (const { deployment } of removed) cache.changed(deployment.id);
}

function write(database: Database, changes: ChangeSet): void {
  for (const [name, writer] of Object.entries(writers)) {
    const change = changes[name as keyof ChangeSet];
    if (change !== undefined)
      (writer as (database: Database, change: unknown) => void)(database, change);
  }
}

/** How long a start waits for others who have the file locked, in milliseconds. */
const openTimeoutMs = 10_000;

/**
 * Opens a database and brings its schema up to date. Another process that recovers from a crash, or
 * writes without a pause, is waited for.
 */
async function openUpToDate(
  path: string,
  observer: StoreObserver,
  logKeeping: LogKeeping,
): Promise<Database> {
  const deadline = performance.now() + openTimeoutMs;
  for (;;) {
    try {
      return await tryOpening(path, observer, logKeeping);
    } catch (error) {
      if (!meansLocked(error) || performance.now() > deadline) throw explainOpening(path, error);
      await sleep(50);
    }
  }
}

async function tryOpening(
  path: string,
  observer: StoreObserver,
  logKeeping: LogKeeping,
): Promise<Database> {
  const database = openDatabase(path, observer, logKeeping);
  try {
    checkSoundness(database, path);
    await migrate(database, schemaFolder);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Lets a function answer with a promise, and reject instead of throwing. */
function promised<A extends unknown[], R>(action: (...args: A) => R): (...args: A) => Promise<R> {
  return (...args) =>
    new Promise((resolve) => {
      resolve(action(...args));
    });
}
