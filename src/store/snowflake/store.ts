import { randomUUID } from 'node:crypto';
import type { ChangeSet, StoredDeployment } from '../../domain/deployments/deployment.js';
import type { Creation, DeploymentStore } from '../store.js';
import { recall } from '../../domain/idempotency/idempotency.js';
import type {
  IdempotentRequest,
  RememberedResponse,
} from '../../domain/idempotency/idempotency.js';
import { unobserved } from '../observer.js';
import { readAnswer } from './idempotency.js';
import { createClient } from './client.js';
import { loadDriver } from './driver.js';
import type { Connect } from './driver.js';
import { retryReason } from './failure.js';
import { createMutexes } from './mutex.js';
import { listStatement, toPage } from './list.js';
import type { SnowflakeOptions, StoreLog } from './options.js';
import { createPool } from './pool.js';
import {
  answerStatement,
  deploymentStatement,
  depthStatement,
  eventsStatement,
  familyStatement,
  updateSliceStatement,
} from './read.js';
import { rollbackStatement, toRollbackSlice } from './read-rollback.js';
import { startDeadline, unavailable } from './deadline.js';
import type { Deadline } from './deadline.js';
import { toDeployment, toDepth, toEvent, toStored } from './rows.js';
import type { StoredRow } from './rows.js';
import { requireSchema } from './schema.js';
import { openSession } from './session.js';
import { createCleanup } from './cleanup.js';
import type { Change } from './write.js';

/** How long a probe of readiness may take, in milliseconds; the one who probes waits for two seconds. */
const checkMs = 1_500;

/** What one try of an operation comes to: an answer, and the change that has to be stored for it. */
interface Try<T> {
  readonly answer: T;
  readonly change?: Omit<Change, 'id'>;
}

/**
 * Opens the store on Snowflake.
 *
 * Every operation that writes reads what it needs in one statement, decides, and sends the whole
 * transaction as one request, which takes only if nothing that was read has changed; otherwise it
 * starts over. No lock is held while a decision is made or an answer travels.
 *
 * @throws SchemaNotReady when the schema is missing or old; ApplicationError `unavailable` when Snowflake
 *   cannot be reached or does not let the user in
 */
export async function openSnowflakeStore(
  options: SnowflakeOptions,
  log: StoreLog,
  observer = unobserved,
): Promise<DeploymentStore> {
  return openStoreThrough(await loadDriver(options), options, log, observer);
}

/** The same with a given way to log in. */
export async function openStoreThrough(
  connect: Connect,
  options: SnowflakeOptions,
  log: StoreLog,
  observer = unobserved,
): Promise<DeploymentStore> {
  const pool = createPool(
    () => openSession(connect, options),
    { size: options.poolSize, waitMs: options.poolWaitMs, queue: options.poolQueue },
    log,
    observer,
  );
  const mutexes = createMutexes();
  const client = createClient(pool, options, log, observer);
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
  const changed = createCleanup((statement) => client.read(statement, startOperation()), log);

  /**
   * Tries until a change is stored, or there is none.
   *
   * @param mutex whose changes may be in each other's way
   */
  async function decide<T>(
    mutex: string,
    attempt: (deadline: Deadline, tries: number) => Promise<Try<T>>,
  ): Promise<T> {
    const deadline = startOperation();
    let leave = mutexes.isBusy(mutex) ? await queue(mutex, deadline) : undefined;
    try {
      for (let tries = 1; ; tries += 1) {
        const { answer, change } = await attempt(deadline, tries);
        if (change === undefined) return answer;
        const failed = await client.write({ ...change, id: randomUUID() }, deadline);
        if (failed === undefined) {
          changed();
          return answer;
        }
        if (leave === undefined) leave = await queue(mutex, deadline);
        else await deadline.pause(failed.cause);
        observer.storeRetried(retryReason(failed.cause));
      }
    } finally {
      leave?.();
    }
  }

  async function queue(mutex: string, deadline: Deadline): Promise<() => void> {
    const turn = mutexes.enter(mutex);
    try {
      return await deadline.within(turn);
    } catch (error) {
      void turn.then((leave) => {
        leave();
      });
      throw unavailable(error, 'The store is busy with other changes');
    }
  }

  return {
    async list(query) {
      return toPage(await client.read(listStatement(query), startOperation()), query.limit);
    },

    async get(organisation, id) {
      const rows = await client.read(deploymentStatement(organisation, id), startOperation());
      return rows.map(toStored)[0]?.stored;
    },

    async events(organisation, id) {
      const rows = await client.read(eventsStatement(organisation, id), startOperation());
      return rows.length === 0 ? undefined : rows.map(toEvent);
    },

    async family(organisation, id) {
      const rows = await client.read(familyStatement(organisation, id), startOperation());
      const members = rows.map(toDeployment);
      const deployment = members.find((member) => member.id === id);
      return deployment && { deployment, members };
    },

    create(organisation, idempotency, decideCreate) {
      return decide(`${organisation} ${idempotency?.key ?? ''}`, async (deadline, tries) => {
        // A key is new nearly always, so it is looked up only once the first try has failed.
        const known = idempotency !== undefined && tries > 1;
        const rows = known
          ? await client.read(answerStatement(organisation, idempotency.key), deadline)
          : [];
        return createOnce(rows.map(readAnswer)[0], idempotency, decideCreate);
      });
    },

    update(organisation, id, withScheduled, decideUpdate) {
      return decide(organisation, async (deadline) => {
        const slice = withScheduled ? updateSliceStatement : deploymentStatement;
        const rows = await client.read(slice(organisation, id), deadline);
        const read = rows.map((row) => toStored(row).stored);
        const target = read.find(({ deployment }) => deployment.id === id);
        if (target === undefined) return { answer: undefined };
        const scheduled = read.filter((stored) => stored !== target);
        const changes = decideUpdate({ target, scheduled });
        requireMadeFrom(read, changes);
        const stored = changes.updated.find(({ deployment }) => deployment.id === id) ?? target;
        const nothing = changes.updated.length === 0;
        return { answer: { stored, changes }, ...(!nothing && { change: { changes } }) };
      });
    },

    rollback(selector, targetVersion, idempotency, decideRollback) {
      const { organisation } = 'id' in selector ? selector : selector.taxonomy;
      return decide<Creation | undefined>(organisation, async (deadline) => {
        const statement = rollbackStatement(selector, targetVersion, idempotency);
        const slice = toRollbackSlice(await client.read(statement, deadline));
        const from = slice.selected?.stored.deployment;
        const taxonomy = 'id' in selector ? from : selector.taxonomy;
        if (taxonomy === undefined) return { answer: undefined };
        const attempt = createOnce(slice.answer, idempotency, () =>
          decideRollback(
            slice.members.map(({ stored }) => stored),
            { taxonomy, from, targetVersion },
          ),
        );
        const { change } = attempt;
        return change === undefined
          ? attempt
          : {
              ...attempt,
              change: { ...change, touched: rolledBack(slice.members, change.changes) },
            };
      });
    },

    async depth() {
      return (await client.read(depthStatement, startOperation())).map(toDepth);
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

/** Creates a deployment unless its key already has an answer. */
function createOnce(
  first: RememberedResponse | undefined,
  idempotency: IdempotentRequest | undefined,
  decide: () => ChangeSet,
): Try<Creation> {
  const remembered = idempotency && recall(first, idempotency);
  if (remembered !== undefined) {
    const stored = { deployment: remembered, revision: 1, everDeployed: false };
    return { answer: { stored, replayed: true } };
  }
  const changes = decide();
  const [stored] = changes.created;
  if (stored === undefined) throw new Error('The decision created nothing');
  return { answer: { stored, replayed: false }, change: { changes, idempotency } };
}

/** The deployment that a rollback replaces, as it was read: two rollbacks from it must not pass. */
function rolledBack(members: readonly StoredRow[], { created }: ChangeSet): Change['touched'] {
  const id = created[0]?.deployment.rollback_from_deployment_id;
  const found = members.find(({ stored }) => stored.deployment.id === id);
  return found && { id: found.stored.deployment.id, changeId: found.changeId };
}

/**
 * A change that was not made from what was read can never be stored.
 *
 * @throws Error
 */
function requireMadeFrom(read: readonly StoredDeployment[], { updated }: ChangeSet): void {
  for (const { deployment, revision } of updated) {
    const before = read.find((stored) => stored.deployment.id === deployment.id);
    if (before?.revision === revision - 1) continue;
    throw new Error(`Deployment ${deployment.id} is no longer at revision ${revision - 1}`);
  }
}
