import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { EnvironmentPut } from '../../src/domain/environments/environment.js';
import { openSqliteStore } from '../../src/store/sqlite/store.js';
import type { Store } from '../../src/store/store.js';
import { gatedSettingsOf, settingsOf, step, stepAmongGates } from './claim-steps.js';
import type { Step } from './claim-steps.js';
import { ClaimsWorld } from './claim-world.js';

/** A place for a store that is empty. */
interface Ground {
  /** Opens the store, for the first time or once more. */
  open(): Promise<Store>;
  clear(): Promise<void>;
}

async function newFile(): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
  return {
    open: () => openSqliteStore(join(folder, 'deployments.db')),
    clear: () => rm(folder, { recursive: true }),
  };
}

/** Whatever pipelines do, on a store of their own, the promises of the queue are kept. */
export function keepsPromises(newGround = newFile) {
  return fc.asyncProperty(happenings(), async ({ settings, hasWorkers, steps }) => {
    const ground = await newGround();
    const world = new ClaimsWorld(() => ground.open());
    try {
      await world.begin(settings);
      for (const step of steps) if (hasWorkers || !isOfWorkers(step)) await world.take(step);
      await world.finish();
    } finally {
      await world.end();
      await ground.clear();
    }
  });
}

/** What happens in a run. */
interface Happening {
  readonly settings: EnvironmentPut;
  readonly hasWorkers: boolean;
  readonly steps: Step[];
}

/** Settings, whether there are workers, and what is done: in half of all runs, something about gates as well. */
function happenings(): fc.Arbitrary<Happening> {
  const of = (settings: fc.Arbitrary<EnvironmentPut>, one: fc.Arbitrary<Step>) =>
    fc.record({
      settings,
      // Where none is, it is known of everybody since when they wait.
      hasWorkers: fc.boolean(),
      steps: fc.array(one, { minLength: 5, maxLength: 40, size: 'max' }),
    });
  return fc.oneof(of(settingsOf, step), of(gatedSettingsOf, stepAmongGates));
}

function isOfWorkers({ do: what }: Step): boolean {
  return what.startsWith('work');
}
