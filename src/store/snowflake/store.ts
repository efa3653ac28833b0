import { randomUUID } from 'node:crypto';
import { ApplicationError } from '../../domain/errors.js';
import type { Tenant } from '../../domain/tenants/tenant.js';
import { createPublisher } from '../../events/publisher.js';
import { runDecisionFarAway } from '../decision-runner.js';
import { unobserved } from '../observer.js';
import type { StoreLog } from '../observer.js';
import { toPage } from '../page.js';
import { toTaxonomyPage } from '../taxonomy-rows.js';
import { createControlsCache } from '../controls-cache.js';
import type { Commit, Store, TenantStore } from '../store.js';
import { createClient, triesWhenUnknown } from './client.js';
import { startDeadline } from '../deadline.js';
import type { Deadline } from '../deadline.js';
import { listStatement } from './deployments/list.js';
import { toStored } from './deployments/rows.js';
import { taxonomiesStatement, toTaxonomyOf } from './deployments/taxonomies.js';
import { loadDriver } from './driver.js';
import type { Connect } from './driver.js';
import type { Statement } from './statement.js';
import { feedStatement, numberStatements, toPage as toFeedPage, unnumberedOf } from './feed.js';
import { classify, retryReason } from './failure.js';
import { createMutexes } from '../mutexes.js';
import type { SnowflakeOptions } from './options.js';
import { createPool } from './pool.js';
import { dueQueuesStatement, toQueueName } from './queue.js';
import { requireSchema } from './schema.js';
import { openSession } from './session.js';
import { createSlice, WrongAssumption } from './slice.js';
import {
  changeRemoval,
  depthStatement,
  organisationsStatement,
  responseRemoval,
  skippingStatement,
  toDepth,
  toName,
} from './system.js';
import { createTaxonomyKeys } from './taxonomy-keys.js';
import { registerStatements, seenAsStatement, tenantStatement, toTenant } from './tenants.js';
import { text } from './values.js';

/** How long a probe of readiness may take, in milliseconds; the one who probes waits for two seconds. */
const checkMs = 1_500;

/**
 * Opens the store on Snowflake.
 *
 * Every operation that writes reads what it needs in one statement, decides, and sends the whole
 * transaction as one request, which takes only if nothing that was read has changed; otherwise it
 * starts over. No lock is held while a decision is made or a response travels.
 *
 * @throws SchemaNotReady when the schema is missing or old; ApplicationError `unavailable` when Snowflake
 *   cannot be reached or does not let the user in
 */
export async function openSnowflakeStore(
  options: SnowflakeOptions,
  log: StoreLog,
  observer = unobserved,
): Promise<Store> {
  return openStoreThrough(await loadDriver(options), options, log, observer);
}

/** The same with a given way to log in. */
export async function openStoreThrough(
  connect: Connect,
  options: SnowflakeOptions,
  log: StoreLog,
  observer = unobserved,
): Promise<Store> {
  const pool = createPool(
    () => openSession(connect, options),
    { size: options.poolSize, waitMs: options.poolWaitMs, queue: options.poolQueue },
    log,
    observer,
  );
  const mutexes = createMutexes();
  const client = createClient(pool, options, log, observer);
  const commits = createPublisher<Commit>();
  const known = createControlsCache();
  const keys = createTaxonomyKeys();
  const startOperation = () => startDeadline(options.timeoutMs);

  try {
    const deadline = startOperation();
    const link = await pool.acquire(deadline);
    await deadline.within(requireSchema(link, options.tables)).finally(() => {
      pool.release(link);
    });
  } catch (error) {
    await pool.close(0);
    throw error;
  }

  /**
   * Tries until a change is stored, or there is none. Changes of a tenant that were in each other's way go
   * on one at a time; one that reads nothing can be in nobody's way.
   */
  async function change<Result>(
    organisation: string,
    decide: Parameters<TenantStore['change']>[1],
  ): Promise<Result> {
    const deadline = startOperation();
    const run = (statement: Statement) => client.read(statement, deadline);
    const met = new Map<string, unknown>();
    let unknown = 0;
    let optimistic = true;
    let leave: (() => void) | undefined;
    try {
      for (let tries = 1; ; tries += 1) {
        const knowledge = { optimistic, assumesUsage: tries === 1, met };
        const slice = createSlice(run, organisation, known, knowledge, keys);
        const decided = await runDecisionFarAway(decide(), async (reads) => {
          if (slice.asks(reads) && mutexes.isBusy(organisation)) {
            leave ??= await mutexes.enter(organisation, deadline);
          }
          return slice.read(reads);
        }).catch((error: unknown) => {
          // It may have been against what was only taken for granted.
          if (error instanceof WrongAssumption || (slice.assumed() && isRefusal(error)))
            return undefined;
          throw error;
        });
        // What is asked about along with the rest is of the same moment: a key that is new, and what there is
        // to refuse for. Asked for one after the other, another's change may lie between them.
        optimistic = decided !== undefined && !slice.mustAsk();
        if (decided === undefined || !slice.isChecked(decided.changes)) continue;
        const { changes, result } = decided;
        if (Object.keys(changes).length === 0) {
          if (slice.assumed()) continue;
          return result as Result;
        }
        slice.requireMadeFrom(changes);
        const { created = [] } = changes.deployments ?? {};
        const newTaxonomies = created.filter((stored) => !keys.isStored(stored));
        const made = { id: randomUUID(), organisation, changes, newTaxonomies };
        const failed = await client.write(made, deadline);
        if (failed === undefined) {
          const { controls } = changes;
          if (controls !== undefined) known.put(organisation, controls.to);
          for (const stored of created) keys.noteStored(stored);
          commits.publish({ organisation, changes });
          return result as Result;
        }
        if (classify(failed.cause) === 'unknown') {
          unknown += 1;
          if (unknown === triesWhenUnknown) throw failed.cause;
        }
        if (leave === undefined) leave = await mutexes.enter(organisation, deadline);
        else await deadline.pause(failed.cause);
        observer.storeRetried(retryReason(failed.cause));
      }
    } finally {
      leave?.();
    }
  }

  async function findTenant(ownerId: string, deadline: Deadline): Promise<Tenant | undefined> {
    const [row] = await client.read(tenantStatement(ownerId), deadline);
    return row && toTenant(row);
  }

  return {
    for: (organisation) => ({
      async read(query) {
        const deadline = startOperation();
        const run = (statement: Statement) => client.read(statement, deadline);
        if (query.read === 'deployments') {
          const rows = await run(listStatement(organisation, query));
          return toPage(rows.map(toStored), query.limit);
        }
        if (query.read === 'taxonomies') {
          const rows = await run(taxonomiesStatement(organisation, query));
          return toTaxonomyPage(rows.map(toTaxonomyOf(organisation)), query.limit);
        }
        if (query.read === 'feed') {
          for (;;) {
            const rows = await run(feedStatement(organisation, query));
            if (unnumberedOf(rows) === 0) return toFeedPage(rows, query);
            await client.repeat(numberStatements(organisation), deadline);
          }
        }
        const slice = createSlice(run, organisation, known, undefined, keys);
        const [result] = await slice.read([query]);
        // The reader of this name gives the result of this name.
        return result as never;
      },
      change: (_name, decide) => change(organisation, decide),
    }),
    subscribe: (listener) => commits.subscribe(listener),
    subscribeToOthers: () => () => undefined,

    system: {
      depth: async () => (await client.read(depthStatement, startOperation())).map(toDepth),
      skipping: async () => (await client.read(skippingStatement, startOperation())).map(toName),
      dueQueues: async (before, limit) =>
        (await client.read(dueQueuesStatement(before, limit), startOperation())).map(toQueueName),
      organisations: async () =>
        (await client.read(organisationsStatement, startOperation())).map((row) =>
          text(row, 'ORGANISATION'),
        ),
      async removeExpiredResponses(before) {
        await client.repeat(responseRemoval(before), startOperation());
        await client.read(changeRemoval(before), startOperation());
        return false;
      },
    },

    tenants: {
      find: (ownerId) => findTenant(ownerId, startOperation()),
      seenAs: async (login) =>
        (await client.read(seenAsStatement(login), startOperation())).map(toTenant),
      async register(owner, name, at) {
        const deadline = startOperation();
        await client.repeat(registerStatements(owner, name, at), deadline);
        const tenant = await findTenant(owner.id, deadline);
        if (tenant === undefined) throw new Error('An owner that was registered is not there');
        return tenant;
      },
    },

    async check() {
      const deadline = startDeadline(Math.min(checkMs, options.timeoutMs));
      const link = await pool.acquire(deadline, 'ahead');
      const alive = await deadline.within(link.heartbeat()).catch(() => false);
      if (alive) pool.release(link);
      else {
        const error = new Error('Snowflake does not answer');
        pool.discard(link, error);
        throw error;
      }
    },

    async close() {
      await pool.close(options.timeoutMs);
    },
  };
}

/** Whether a decision was against what was asked. */
function isRefusal(error: unknown): boolean {
  return error instanceof ApplicationError && error.code !== 'unavailable';
}
