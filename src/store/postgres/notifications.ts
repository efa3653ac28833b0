import { randomUUID } from 'node:crypto';
import { createPublisher } from '../../events/publisher.js';
import { withDeadline } from '../../platform/deadline.js';
import { reasonOf } from '../../platform/logging.js';
import type { StoreLog } from '../observer.js';
import type { ChangedElsewhere } from '../store.js';
import type { Client, Driver } from './driver.js';
import { linkOf } from './driver.js';
import { plain } from './statement.js';

/** Tells other processes of what has changed, and hears it from them. */
export interface Notifications {
  /**
   * Tells of changes that are stored. Nobody waits for it, and who is not reached looks by himself in time.
   *
   * @param environments those whose queues have changed
   * @param controls whether the tenant's controls have
   */
  tell(organisation: string, environments: ReadonlySet<string>, controls: boolean): void;
  /** @param listener is told of the changes of others; of `undefined` when it may have missed some */
  subscribe(listener: (changed: ChangedElsewhere | undefined) => void): () => void;
  close(): Promise<void>;
}

const channel = 'deployment_queue';
/** So much is told of by name; of more, all is. */
const maxNamed = 1_000;
/** After how long a lost connection is opened again, and how that grows, in milliseconds. */
const firstPauseMs = 100;
const longestPauseMs = 5_000;
/** How often the connection is asked whether it is there, and how long it has for that, in milliseconds. */
const pingEveryMs = 15_000;

/**
 * One connection that listens for as long as the process lives, and is opened again whenever it is lost.
 *
 * A change is told of after its commit, many together, and not in its transaction: in PostgreSQL the commits of all
 * transactions that notify wait for each other, the flush of each to the disk included
 * (`PreCommit_Notify` in its `async.c`). A process that dies in between leaves a change untold.
 */
export function listen(
  driver: Driver,
  url: string,
  log: StoreLog,
  pingMs = pingEveryMs,
): Notifications {
  /** What tells this process's own notifications from those of others. */
  const self = randomUUID();
  const heard = createPublisher<ChangedElsewhere | undefined>();
  /** What is still to be told, by name; `all` once that is too much. */
  let untold = new Map<string, ChangedElsewhere>();
  let all = false;
  let client: Client | undefined;
  let sending = false;
  let closed = false;
  let pauseMs = firstPauseMs;
  let timer: NodeJS.Timeout | undefined;

  function later(action: () => Promise<void>, ms: number): void {
    clearTimeout(timer);
    if (!closed) timer = setTimeout(() => void action(), ms).unref();
  }

  async function open(): Promise<Client> {
    const opened = await driver.connect(url, 'background');
    opened.on('end', () => {
      lose(opened, new Error('the connection has ended'));
    });
    opened.on('notification', ({ payload = '' }) => {
      hear(payload);
    });
    try {
      await linkOf(opened).query(plain(`LISTEN ${channel}`));
      return opened;
    } catch (error) {
      void opened.end();
      throw error;
    }
  }

  async function connect(): Promise<void> {
    try {
      const opened = await open();
      if (closed) {
        await opened.end();
        return;
      }
      client = opened;
    } catch (error) {
      log.warn({ reason: reasonOf(error) }, 'postgres tells nothing of other processes for now');
      later(connect, Math.random() * pauseMs);
      pauseMs = Math.min(2 * pauseMs, longestPauseMs);
      return;
    }
    pauseMs = firstPauseMs;
    later(ping, pingMs);
    // What was told before has not been heard.
    heard.publish(undefined);
    void send();
  }

  function lose(lost: Client, reason: unknown): void {
    if (client !== lost) return;
    client = undefined;
    if (closed) return;
    log.warn({ reason: reasonOf(reason) }, 'postgres connection that listens was lost');
    void lost.end();
    later(connect, Math.random() * pauseMs);
  }

  /** A connection that is cut without a word looks like one on which nothing happens. */
  async function ping(): Promise<void> {
    const asked = client;
    if (asked === undefined) return;
    try {
      await withDeadline(linkOf(asked).query(plain('SELECT 1')), pingMs, () => {
        throw new Error('no answer');
      });
      // Who died before it told of a change has told nobody.
      heard.publish(undefined);
      later(ping, pingMs);
    } catch (error) {
      lose(asked, error);
    }
  }

  function hear(payload: string): void {
    const told = readTold(payload);
    // What is not understood, of another version or of whoever else may connect, may have been anything.
    if (told?.from !== self) heard.publish(told?.changed);
  }

  /** Tells of all that has gathered, and once more of what has gathered meanwhile. */
  async function send(): Promise<void> {
    if (sending) return;
    sending = true;
    while (client !== undefined && (all || untold.size > 0)) {
      const told = untold;
      const wasAll = all;
      untold = new Map();
      all = false;
      const asked = client;
      try {
        await linkOf(asked).query({
          sql: `SELECT pg_notify('${channel}', payload) FROM unnest($1::text[]) AS told (payload)`,
          values: [
            wasAll
              ? [JSON.stringify([self])]
              : [...told.values()].map((changed) => JSON.stringify([self, changed])),
          ],
        });
      } catch (error) {
        for (const [name, changed] of told) untold.set(name, changed);
        all ||= wasAll;
        lose(asked, error);
      }
    }
    sending = false;
  }

  void connect();
  return {
    tell(organisation, environments, controls) {
      if (controls) {
        untold.set(JSON.stringify([organisation, null]), { organisation, controls: true });
      }
      if (environments.size === 0) untold.set(JSON.stringify([organisation]), { organisation });
      for (const environment of environments) {
        untold.set(JSON.stringify([organisation, environment]), { organisation, environment });
      }
      if (untold.size > maxNamed) {
        all = true;
        untold.clear();
      }
      if (untold.size > 0 || all) setImmediate(() => void send());
    },
    subscribe: (listener) => heard.subscribe(listener),
    async close() {
      closed = true;
      clearTimeout(timer);
      const last = client;
      client = undefined;
      await last?.end();
    },
  };
}

/** What a process has told, and which one; `undefined` for what none of this version has. */
function readTold(
  payload: string,
): { readonly from: string; readonly changed: ChangedElsewhere | undefined } | undefined {
  let told: unknown;
  try {
    told = JSON.parse(payload);
  } catch {
    return undefined;
  }
  if (!Array.isArray(told)) return undefined;
  const [from, changed] = told as unknown[];
  if (typeof from !== 'string') return undefined;
  if (changed === undefined) return { from, changed };
  return isChange(changed) ? { from, changed } : undefined;
}

function isChange(value: unknown): value is ChangedElsewhere {
  if (typeof value !== 'object' || value === null) return false;
  const { organisation, environment, controls } = value as Record<keyof ChangedElsewhere, unknown>;
  return (
    typeof organisation === 'string' &&
    (environment === undefined || typeof environment === 'string') &&
    (controls === undefined || controls === true)
  );
}
