/** What is out of the ordinary; most of it is still so at the end of the week. */
import type { Deployment } from '../../src/domain/deployments/deployment.js';
import type { Random } from '../../test/support/random.js';
import { components, devPlace, person } from './cast.js';
import type { Story } from './play.js';
import {
  approveBy,
  approverOf,
  day,
  hour,
  minute,
  register,
  releaseOf,
  rollOut,
  second,
} from './releases.js';
import type { Course } from './releases.js';
import type { DemoTenant } from './tenant.js';

/** For how long the end of the week stays as it is: a lease then runs out, and who waits gives up, in seconds. */
const lasting = 8 * 60 * 60;

/**
 * The stories of it.
 *
 * @param end of the week, in milliseconds since the epoch
 */
export function incidents(tenant: DemoTenant, random: Random, end: number): Story[] {
  /** What comes to one of the places of a component in production, after all other versions of the week. */
  const inProduction = (name: string, number: string, placeNumber = 0): Course => {
    const component = components.find((one) => one.name === name);
    const place = component?.production[placeNumber];
    if (component === undefined || place === undefined) throw new Error(`There is no ${name}`);
    const release = releaseOf(component, number, end - 3 * hour, random);
    return { tenant, random, release, environment: 'production', place };
  };

  /** Rolls back what was deployed last, and carries that out. */
  async function* rollBack(bad: Deployment, reason: string): Story {
    const basil = person('octo-basil');
    const { id } = await tenant.rollBack(basil, bad.id, reason);
    yield tenant.now() + minute;
    const token = await claimNow(basil, id, 600);
    yield tenant.now() + 4 * minute;
    await tenant.update(basil, id, { status: 'deployed' }, token);
  }

  async function registerApproved(course: Course): ReturnType<typeof register> {
    const registered = await register(course);
    await approveBy(tenant, registered.deployment, approverOf(course.release));
    return registered;
  }

  async function claimNow(
    caller: Parameters<DemoTenant['claim']>[0],
    id: string,
    leaseSeconds: number,
  ): Promise<string> {
    const token = await tenant.claim(caller, id, { waitSeconds: 0, leaseSeconds });
    if (token === undefined) throw new Error('It should have been its turn');
    return token;
  }

  async function* wrongTotals(): Story {
    yield end - day - 12 * hour;
    const bad = yield* rollOut(inProduction('checkout', '5-hotfix.1', 1), 5 * minute);
    yield tenant.now() + 38 * minute;
    yield* rollBack(bad, 'Totals without tax since 4.12.5-hotfix.1');
  }

  /** Its holder died without a word. */
  async function* lostLease(): Story {
    yield end - 3 * hour;
    const { deployment, caller } = await registerApproved(inProduction('ledger-export', '7'));
    yield tenant.now() + minute;
    await claimNow(caller, deployment.id, 90);
    yield tenant.now() + 91 * second;
    await tenant.expireLeases('production');
  }

  async function* failed(): Story {
    yield end - 52 * minute;
    const { deployment, caller } = await registerApproved(inProduction('notifications', '7', 0));
    yield tenant.now() + minute;
    const token = await claimNow(caller, deployment.id, 3600);
    yield tenant.now() + 7 * minute;
    const notes = 'Crash loop: the key of the mail provider is not in the vault of westeurope';
    await tenant.update(caller, deployment.id, { status: 'failed', notes }, token);
  }

  /** Nothing else is to begin there before somebody has looked at what the lost lease left behind. */
  async function* locked(): Story {
    yield end - 2 * hour;
    await tenant.lock(person('octo-dune'), {
      scope: { name: 'ledger-export', environment: 'production' },
      reason: 'Half of the bookings are out: look at the sums before anything else starts',
      expires_at: new Date(end + lasting * second).toISOString(),
      allow: ['rollback'],
    });
  }

  async function* frozen(): Story {
    yield end - day;
    const timeZone = 'Europe/Berlin';
    await tenant.freeze(person('octo-amber'), {
      scope: { name: 'network', environment: 'production' },
      reason: 'The provider moves a data centre',
      time_zone: timeZone,
      starts: onClocksOf(timeZone, end - 6 * hour),
      ends: onClocksOf(timeZone, end + 2 * day),
      allow: ['rollback'],
    });
  }

  /** Nobody has carried it out yet; the lock keeps the next version from the same mistake. */
  async function* pendingRollback(): Story {
    yield end - 95 * minute;
    const bad = yield* rollOut(inProduction('accounts', '7'), 6 * minute);
    yield end - 11 * minute;
    await tenant.rollBack(
      person('octo-cedar'),
      bad.id,
      'Passkeys of Android fail since 5.9.7',
      true,
    );
  }

  /** One runs, and others wait for it in the same place. */
  async function* crowd(): Story {
    yield end - 9 * minute;
    const running = await registerApproved(inProduction('search', '7'));
    await claimNow(running.caller, running.deployment.id, lasting);
    for (const name of ['catalog', 'checkout']) {
      yield tenant.now() + 3 * minute;
      const { deployment, caller } = await registerApproved(inProduction(name, '7'));
      const times = { waitSeconds: lasting, leaseSeconds: 600 };
      const token = await tenant.claim(caller, deployment.id, times);
      if (token !== undefined) throw new Error(`It should have been the turn of search`);
    }
  }

  async function* waitsForPeople(): Story {
    yield end - 26 * hour;
    const notes = 'Waits for the change window, and for somebody who starts it then';
    await register(inProduction('network', '7', 1), { auto: false, notes });
  }

  async function* calledOff(): Story {
    yield end - 5 * hour;
    const { deployment } = await register(inProduction('network', '8', 2));
    yield tenant.now() + 25 * minute;
    await tenant.cancel(person('octo-dune'), deployment, 'Planned for the wrong subscription');
  }

  async function* leftOut(): Story {
    yield end - 7 * hour;
    const { deployment } = await register(inProduction('payments', '7', 1));
    yield tenant.now() + 40 * minute;
    const notes = 'Only cell-1 gets the second acquirer for now';
    await tenant.update(person('octo-amber'), deployment.id, { status: 'skipped', notes });
  }

  /** Without a lease, which dev does not ask for. */
  async function* underWayInDev(): Story {
    yield end - 2 * minute;
    const course = { ...inProduction('payments', '8'), environment: 'dev', place: devPlace };
    const { deployment, caller } = await register(course);
    yield tenant.now() + 30 * second;
    await tenant.update(caller, deployment.id, { status: 'in_progress' });
  }

  return [
    wrongTotals(),
    lostLease(),
    locked(),
    frozen(),
    failed(),
    pendingRollback(),
    crowd(),
    waitsForPeople(),
    calledOff(),
    leftOut(),
    underWayInDev(),
  ];
}

/** What the clocks of a zone show at an instant, to the minute. */
function onClocksOf(timeZone: string, instant: number): string {
  return new Date(instant).toLocaleString('sv-SE', { timeZone }).slice(0, 16).replace(' ', 'T');
}
