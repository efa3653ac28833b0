import { openSqliteStore } from '../../src/store/sqlite/store.js';
import { Random } from '../../test/support/random.js';
import { components, organisation, person } from './cast.js';
import { incidents } from './incidents.js';
import { play } from './play.js';
import { day, hour, minute, promote, releaseOf } from './releases.js';
import type { Goal } from './releases.js';
import type { Story } from './play.js';
import type { DemoTenant } from './tenant.js';
import { createDemoTenant } from './tenant.js';

/**
 * Fills an empty store with a week of an invented organisation, `octo-shop`, that ends now: the same each time. All of
 * it is decided as the service decides, by a clock that is moved along.
 *
 * @param path of the SQLite file, which is made
 * @param end of the week
 */
export async function seedDemo(path: string, end = new Date()): Promise<void> {
  const store = await openSqliteStore(path);
  try {
    const random = new Random(2026);
    const tenant = createDemoTenant(store.for(organisation), random);
    const start = end.getTime() - 7 * day;
    tenant.goTo(start);
    const owner = { ...person('octo-amber'), role: 'admin' } as const;
    await tenant.putEnvironment(owner, 'production', {
      exclusive: 'place',
      lease_required: true,
      required_approvals: 1,
    });
    await tenant.putEnvironment(owner, 'staging', { exclusive: 'taxonomy', buffer_seconds: 30 });
    const stories = [
      ...releasesOf(tenant, random, start),
      ...incidents(tenant, random, end.getTime()),
    ];
    await play(stories, tenant.goTo, end.getTime());
  } finally {
    await store.close();
  }
}

/** Seven days of work, a version of each component a day; all of it is over hours before the end. */
function releasesOf(tenant: DemoTenant, random: Random, start: number): Story[] {
  const stories: Story[] = [];
  for (const component of components) {
    let before: Goal | undefined;
    for (let round = 0; round < 7; round += 1) {
      const at = start + round * day + random.next() * 5 * hour + 20 * minute;
      const release = releaseOf(component, String(round), at, random);
      const isEdge = before === undefined || before === 'registered' || round === 5;
      const goal: Goal = isEdge ? 'production' : random.pick(goals);
      stories.push(promote({ tenant, random, release }, round === 6 ? 'staging' : goal));
      before = goal;
    }
  }
  return stories;
}

/** How far versions come that nothing is particular about. */
const goals: readonly Goal[] = ['dev', 'staging', 'registered', 'production', 'production'];
