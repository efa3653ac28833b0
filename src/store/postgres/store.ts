import type { Decided, Decision } from '../../domain/decision.js';
import { changedEnvironments } from '../../domain/queue/changed.js';
import type { Read, Reads } from '../../domain/reads.js';
import { createPublisher } from '../../events/publisher.js';
import { runDecisionFarAway } from '../decision-runner.js';
import { startDeadline } from '../deadline.js';
import { createMutexes } from '../mutexes.js';
import { unobserved } from '../observer.js';
import type { StoreLog } from '../observer.js';
import { mergePages, toPage } from '../page.js';
import { createControlsCache } from '../controls-cache.js';
import type { Commit, Store } from '../store.js';
import { toTaxonomyPage } from '../taxonomy-rows.js';
import { createClient } from './client.js';
import { listStatement, partsOf } from './deployments/list.js';
import {
  deployment,
  events,
  eventTo,
  lineage,
  olderScheduled,
  replacedBy,
  skippedBy,
  skippingSince,
  whereabouts,
} from './deployments/read.js';
import { registeredBefore } from './deployments/remove.js';
import { candidates, ofVersion, pendingRollbacks, running } from './deployments/rollback.js';
import { toStored } from './deployments/rows.js';
import {
  candidatesIn,
  everDeployed,
  inProgressIn,
  runningIn,
  scheduledIn,
} from './deployments/several.js';
import { taxonomiesStatement, toTaxonomyOf } from './deployments/taxonomies.js';
import { loadDriver, withConnection } from './driver.js';
import type { Driver, Link } from './driver.js';
import { classify, retryReason } from './failure.js';
import {
  endStatement,
  entriesStatement,
  numberedAtOnce,
  numberStatement,
  toPage as toFeedPage,
} from './feed.js';
import { rememberedResponse } from './idempotency.js';
import { migrate, requireSchema } from './migrate.js';
import type { PostgresOptions } from './options.js';
import { newChangeId } from './outcome.js';
import { listen } from './notifications.js';
import { controls, gateEvents, policyEvents } from './controls.js';
import { createPool } from './pool.js';
import {
  autoScheduled,
  dueQueuesStatement,
  environments,
  inProgress,
  nextFence,
  ownEntries,
  queue,
  queues,
  toQueueNames,
} from './queue.js';
import type { Question, Reader, Source } from './reader.js';
import { plain } from './statement.js';
import type { Row, Statement } from './statement.js';
import {
  depthStatement,
  organisationsStatement,
  removalStatements,
  removedAtOnce,
  skippingStatement,
  toDepths,
  toNames,
} from './system.js';
import { registerStatement, seenAsStatement, tenantStatement, toTenant } from './tenants.js';
import { usage } from './usage.js';

/** How each read is asked; one that is missing does not compile. */
export const readers: { readonly [Name in keyof Reads]: Reader<Name> } = {
  deployment,
  events,
  eventTo,
  lineage,
  olderScheduled,
  skippingSince,
  skippedBy,
  replacedBy,
  running,
  pendingRollbacks,
  candidates,
  ofVersion,
  registeredBefore,
  runningIn,
  candidatesIn,
  inProgressIn,
  scheduledIn,
  everDeployed,
  whereabouts,
  rememberedResponse,
  usage,
  controls,
  policyEvents,
  gateEvents,
  environments,
  queue,
  queues,
  ownEntries,
  inProgress,
  autoScheduled,
  nextFence,
};

/** What came of a decision. */
interface Tried<Result> {
  commit: Commit | undefined;
  result: Result | undefined;
  /** Whether it looked at anything. */
  hasRead: boolean;
}

/** How long a probe of readiness may take, in milliseconds; the one who probes waits for two seconds. */
const checkMs = 1_500;

/**
 * Opens the store on PostgreSQL, and brings its schema up to date unless the options say otherwise.
 *
 * Every operation that writes reads what it needs in one round trip, decides, and sends the whole transaction in
 * another, which takes only if nothing that the decision rests on has changed; otherwise it starts over. No lock is
 * held while a decision is made or something travels.
 *
 * @throws StartupError when the schema is not what is needed; an error of the driver when PostgreSQL cannot be reached
 */
export async function openPostgresStore(
  options: PostgresOptions,
  log: StoreLog,
  observer = unobserved,
): Promise<Store> {
  const driver = await loadDriver(options);
  await prepareSchema(driver, options, log);
  const pool = createPool(driver, options, log, observer);
  // Of its own, so that a probe does not find the store out of reach because it is busy.
  const probes = createPool(driver, { ...options, poolSize: 1 }, log, unobserved);
  const client = createClient(pool, options, log, observer);
  const notifications = listen(driver, options.listenUrl, log);
  const mutexes = createMutexes();
  const commits = createPublisher<Commit>();
  const known = createControlsCache();
  const startOperation = () => startDeadline(options.timeoutMs);

  async function readOne(statement: Statement): Promise<Row[]> {
    const [rows = []] = await client.read([statement], startOperation());
    return rows;
  }

  /**
   * Tries until a change is stored, or there is none. Changes of a tenant that were in each other's way go on one at
   * a time.
   */
  async function change<Result>(
    source: Source,
    decide: () => Decision<Result> | Decided<Result>,
  ): Promise<Result> {
    const { organisation } = source;
    const deadline = startOperation();
    let leave: (() => void) | undefined;
    try {
      for (;;) {
        const tried: Tried<Result> = { commit: undefined, result: undefined, hasRead: false };
        if (leave === undefined && mutexes.isBusy(organisation)) {
          leave = await mutexes.enter(organisation, deadline);
        }
        const failed = await client.change(async (ask) => {
          tried.commit = undefined;
          const made = await runDecisionFarAway(decide(), (reads) => {
            tried.hasRead = true;
            return answer(source, reads, ask);
          });
          const { changes } = made;
          tried.result = made.result;
          if (Object.keys(changes).length === 0) return undefined;
          tried.commit = { organisation, changes };
          return { id: newChangeId(), ...tried.commit };
        }, deadline);
        if (failed === undefined) {
          if (tried.commit !== undefined) noteStored(tried.commit);
          return tried.result as Result;
        }
        // What was made without a look at anything would be the same again.
        if (!tried.hasRead && classify(failed.cause) === 'stale') throw failed.cause;
        if (leave === undefined) leave = await mutexes.enter(organisation, deadline);
        else await deadline.pause(failed.cause);
        observer.storeRetried(retryReason(failed.cause));
      }
    } finally {
      leave?.();
    }
  }

  function noteStored(commit: Commit): void {
    const { controls: changed } = commit.changes;
    if (changed !== undefined) known.put(commit.organisation, changed.to);
    commits.publish(commit);
    const { organisation, changes } = commit;
    const environments = changedEnvironments(changes);
    if (environments.size > 0 || changes.events !== undefined || changed !== undefined) {
      notifications.tell(organisation, environments, changed !== undefined);
    }
  }

  return {
    for: (organisation) => {
      const source: Source = { organisation, controls: known };
      return {
        async read(query) {
          const deadline = startOperation();
          const ask = (statements: readonly Statement[]) => client.read(statements, deadline);
          if (query.read === 'deployments') {
            const parts = partsOf(query).map((part) => listStatement(organisation, part));
            const pages = (await ask(parts)).map((rows) => toPage(rows.map(toStored), query.limit));
            // The page is what this search gives.
            return mergePages(pages, query.limit);
          }
          if (query.read === 'taxonomies') {
            const [rows = []] = await ask([taxonomiesStatement(organisation, query)]);
            const found = rows.map(toTaxonomyOf(organisation));
            return toTaxonomyPage(found, query.limit);
          }
          if (query.read === 'feed') {
            let numbered = numberedAtOnce;
            while (numbered === numberedAtOnce) {
              const [[row] = []] = await ask([numberStatement(organisation)]);
              numbered = Number(row?.['numbered']);
            }
            const parts = [endStatement(organisation), entriesStatement(organisation, query)];
            return toFeedPage(await ask(parts), query);
          }
          const [result] = await answer(source, [query], ask);
          // The reader of this name gives the result of this name.
          return result as never;
        },
        change: (_name, decide) => change(source, decide),
      };
    },
    subscribe: (listener) => commits.subscribe(listener),
    subscribeToOthers: (listener) => notifications.subscribe(listener),

    system: {
      depth: async () => toDepths(await readOne(depthStatement)),
      skipping: async () => toNames(await readOne(skippingStatement)),
      dueQueues: async (before, limit) =>
        toQueueNames(await readOne(dueQueuesStatement(before, limit))),
      organisations: async () =>
        (await readOne(organisationsStatement)).map((row) => String(row['organisation'])),
      async removeExpiredResponses(before) {
        let isMore = false;
        for (const statement of removalStatements(before)) {
          const [row] = await readOne(statement);
          if (Number(row?.['count']) === removedAtOnce) isMore = true;
        }
        return isMore;
      },
    },

    tenants: {
      find: async (ownerId) => {
        const [row] = await readOne(tenantStatement(ownerId));
        return row && toTenant(row);
      },
      seenAs: async (login) => (await readOne(seenAsStatement(login))).map(toTenant),
      async register(owner, name, at) {
        const [row] = await readOne(registerStatement(owner, name, at));
        if (row === undefined) throw new Error('An owner that was registered is not there');
        return toTenant(row);
      },
    },

    async check() {
      const deadline = startDeadline(Math.min(checkMs, options.timeoutMs));
      await probes.use(deadline, (link) => deadline.within(requirePrimary(link)));
    },

    async close() {
      await Promise.all([pool.close(options.timeoutMs), probes.close(options.timeoutMs)]);
      await notifications.close();
    },
  };
}

/** Answers the reads of a slice, in their order: all of them in one round trip. */
async function answer(
  source: Source,
  reads: readonly Read[],
  ask: (statements: readonly Statement[]) => Promise<Row[][]>,
): Promise<unknown[]> {
  if (reads.length === 0) return [];
  const questions = reads.map((read) => {
    const reader = readers[read.read] as (source: Source, of: Read) => Question<unknown>;
    return reader(source, read);
  });
  const answers = await ask(questions.map(({ statement }) => statement));
  return questions.map(({ parse }, nth) => parse(answers[nth] ?? []));
}

function prepareSchema(
  driver: Driver,
  { url, migrate: when }: PostgresOptions,
  log: StoreLog,
): Promise<void> {
  return withConnection(driver, url, async (link) => {
    if (when === 'never') {
      await requireSchema(link);
      return;
    }
    const applied = await migrate(link);
    if (applied.length > 0) log.info({ applied }, 'postgres schema brought up to date');
  });
}

/** @throws Error when the server takes no changes */
async function requirePrimary(link: Link): Promise<void> {
  const rows = await link.query(plain('SELECT pg_is_in_recovery() AS standby'));
  if (rows[0]?.['standby'] === true) throw new Error('PostgreSQL is a standby, which only reads');
}
