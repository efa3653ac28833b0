import { unobserved } from '../observer.js';
import type { PoolWait, StoreLog } from '../observer.js';
import type { Link } from './driver.js';
import { adviseOnLogin } from './explain-login.js';
import { classify, meansEnded } from './failure.js';
import { unavailable } from '../unavailable.js';
import { startDeadline } from '../deadline.js';
import type { Deadline } from '../deadline.js';
import { reasonOf } from '../../platform/logging.js';

/** Sessions that live as long as the process, each lent to one operation at a time. */
export interface Pool {
  /**
   * Lends a session that the driver holds to be alive; opens one when all are lent and there may be
   * more, else waits.
   *
   * @param place `ahead` of all who wait, however many: for a probe, which must not find the store out
   *   of reach because it is busy
   * @throws ApplicationError `unavailable` when none comes free within the wait, too many wait already, or the
   *   login is refused
   */
  acquire(deadline: Deadline, place?: 'ahead'): Promise<Link>;
  /** Takes a session back; one that is dead makes room for a new one. */
  release(link: Link): void;
  /** Takes a session back that must not be used again, and logs it out. */
  discard(link: Link, reason: unknown): void;
  /** Logs everything out, once what is lent has come back or the timeout is over. */
  close(timeoutMs: number): Promise<void>;
}

export interface PoolOptions {
  readonly size: number;
  /** How long to wait for a session, in milliseconds. */
  readonly waitMs: number;
  /**
   * How many may wait. Whoever comes when so many do would most likely wait in vain, and is told at
   * once instead.
   */
  readonly queue: number;
  /** How often idle sessions are asked whether they are alive. */
  readonly keepAliveMs?: number;
  /** How long no login is tried after one was refused. */
  readonly refusedMs?: number;
}

/**
 * Snowflake ends a session after four idle hours
 * (https://docs.snowflake.com/en/user-guide/session-policies). A heartbeat runs no statement, so it
 * costs nothing and wakes no warehouse.
 */
const keepAliveMs = 15 * 60 * 1000;
/** Some refused logins in a row lock a user out: each request must not be one. */
const refusedMs = 30 * 1000;

/**
 * A pool of sessions.
 *
 * It is our own, since what it has to do is in no library: the common ones (generic-pool, which the
 * driver brings, was last changed years ago) neither tell a refused login from a network that is
 * down nor know that a session may die while it is lent.
 */
export function createPool(
  open: () => Promise<Link>,
  options: PoolOptions,
  log: StoreLog,
  observer = unobserved,
): Pool {
  const idle: Link[] = [];
  const lent = new Set<Link>();
  const waiting: { serve(link: Link): void; fail(error: unknown): void }[] = [];
  let opening = 0;
  let closing = false;
  let refused: { readonly until: number; readonly error: unknown } | undefined;
  let first: Promise<Link> | undefined;
  let drained: (() => void) | undefined;

  const timer = setInterval(() => void keepAlive(), options.keepAliveMs ?? keepAliveMs);
  timer.unref();

  const size = () => idle.length + lent.size + opening;
  observer.poolOpened(() => ({
    size: options.size,
    idle: idle.length,
    lent: lent.size,
    opening,
    waiting: waiting.length,
  }));

  function lend(link: Link): Link {
    lent.add(link);
    return link;
  }

  /** Hands a free session to whoever has waited longest. */
  function offer(link: Link): void {
    const first = waiting.shift();
    if (first !== undefined) first.serve(lend(link));
    else idle.push(link);
  }

  /** Opens a session for those who wait; one that fails tells the one who has waited longest. */
  async function grow(): Promise<void> {
    opening += 1;
    try {
      const link = await openUnlessRefused();
      opening -= 1;
      if (closing) await link.close();
      else offer(link);
    } catch (error) {
      opening -= 1;
      waiting.shift()?.fail(error);
    }
  }

  /** A login goes alone: those that come meanwhile wait for what becomes of it, and go together unless it is refused. */
  async function openUnlessRefused(): Promise<Link> {
    if (first !== undefined) {
      await first.catch(() => undefined);
      return logIn();
    }
    first = logIn();
    try {
      return await first;
    } finally {
      first = undefined;
    }
  }

  async function logIn(): Promise<Link> {
    if (refused !== undefined && performance.now() < refused.until) throw refused.error;
    try {
      const link = await open();
      refused = undefined;
      log.info({ sessions: size() }, 'snowflake session opened');
      return link;
    } catch (error) {
      const advice = adviseOnLogin(error);
      log.warn({ reason: reasonOf(error), advice }, 'snowflake login failed');
      refused = undefined;
      if (classify(error) !== 'refused') throw error;
      const until = performance.now() + (options.refusedMs ?? refusedMs);
      refused = { until, error: unavailable(error, 'The store does not let this service in') };
      throw refused.error;
    }
  }

  function takeBack(link: Link): void {
    lent.delete(link);
    if (lent.size === 0) drained?.();
  }

  function drop(link: Link, reason: unknown): void {
    log.warn({ reason: reasonOf(reason) }, 'snowflake session given up');
    void link.close();
    if (waiting.length > opening && size() < options.size) void grow();
  }

  async function keepAlive(): Promise<void> {
    for (let count = idle.length; count > 0; count -= 1) {
      const link = idle.shift();
      if (link === undefined) return;
      await check(lend(link));
    }
  }

  /** Asks a session that is lent for it whether it is alive. */
  async function check(link: Link): Promise<void> {
    const alive = await startDeadline(options.waitMs)
      .within(link.heartbeat())
      .catch(() => false);
    takeBack(link);
    if (alive && link.isUp() && !closing) offer(link);
    else drop(link, new Error('no heartbeat'));
  }

  return {
    async acquire(deadline, place) {
      if (closing) throw unavailable(new Error('the store is closing'));
      for (let link = idle.pop(); link !== undefined; link = idle.pop()) {
        if (link.isUp()) {
          observer.poolWaited(0, 'served');
          return lend(link);
        }
        drop(link, new Error('the session has ended'));
      }
      if (waiting.length >= options.queue && place !== 'ahead') {
        const cause = new Error(`${waiting.length} wait for a session`);
        throw unavailable(cause, 'The store is busy');
      }
      const wait = Math.min(options.waitMs, deadline.left());
      const started = performance.now();
      const waited = (end: PoolWait) => {
        observer.poolWaited((performance.now() - started) / 1000, end);
      };
      return new Promise((resolve, reject) => {
        const timeout = setTimeout(() => {
          waiting.splice(waiting.indexOf(waiter), 1);
          waited('timeout');
          reject(unavailable(new Error(`no session within ${Math.round(wait)} ms`)));
        }, wait);
        const waiter = {
          serve(link: Link) {
            clearTimeout(timeout);
            waited('served');
            resolve(link);
          },
          fail(error: unknown) {
            clearTimeout(timeout);
            waited('login');
            reject(error instanceof Error ? error : new Error(String(error)));
          },
        };
        if (place === 'ahead') waiting.unshift(waiter);
        else waiting.push(waiter);
        if (size() < options.size) void grow();
      });
    },

    release(link) {
      takeBack(link);
      if (closing) void link.close();
      else if (link.isUp()) offer(link);
      else drop(link, new Error('the session has ended'));
    },

    discard(link, reason) {
      takeBack(link);
      drop(link, reason);
      // Where one was ended, the others may have been: nobody is lent one of those before it has answered.
      if (meansEnded(reason)) for (const other of idle.splice(0)) void check(lend(other));
    },

    async close(timeoutMs) {
      closing = true;
      clearInterval(timer);
      const error = unavailable(new Error('the store is closing'));
      for (const waiter of waiting.splice(0)) waiter.fail(error);
      const deadline = startDeadline(timeoutMs);
      if (lent.size > 0) {
        const finished = new Promise<void>((resolve) => (drained = resolve));
        await deadline.within(finished).catch(() => undefined);
      }
      const links = [...idle.splice(0), ...lent];
      await deadline.within(Promise.all(links.map((link) => link.close()))).catch(() => undefined);
    },
  };
}
