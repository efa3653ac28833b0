import fc from 'fast-check';
import type { EnvironmentPut } from '../../src/domain/environments/environment.js';
import { gateStep } from './gate-steps.js';
import type { GateStep } from './gate-steps.js';

/** What somebody does; `who` picks one of those that there are. */
export type Step =
  | {
      readonly do: 'register';
      readonly component: number;
      readonly place: number;
      readonly auto: boolean;
    }
  | { readonly do: 'work'; readonly place: number | undefined }
  | { readonly do: 'workersRace'; readonly count: number }
  | { readonly do: 'workerLeaves' | 'workerDies'; readonly who: number }
  | { readonly do: 'claim'; readonly who: number; readonly lease: number }
  | { readonly do: 'race'; readonly whos: readonly number[] }
  | {
      readonly do: 'leave' | 'renew' | 'release' | 'cancel' | 'look' | 'intrude' | 'overtake';
      readonly who: number;
    }
  | {
      readonly do: 'rollback';
      readonly component: number;
      readonly place: number;
      readonly auto: boolean;
      /** Whether nothing but rollbacks is to start there. */
      readonly lock: boolean;
    }
  | { readonly do: 'report'; readonly who: number; readonly status: 'deployed' | 'failed' }
  | {
      readonly do: 'patch';
      readonly who: number;
      readonly status: 'scheduled' | 'in_progress' | 'deployed' | 'failed';
    }
  | { readonly do: 'time'; readonly seconds: number }
  | { readonly do: 'expire' | 'restart' }
  | GateStep;

const who = fc.nat(11);
/** Mostly the same, so that several wait for one turn. */
const few = fc.constantFrom(0, 0, 1);
/** The last one is without a region. */
const place = fc.constantFrom(0, 0, 0, 0, 1, 2);
export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('register' as const),
      component: few,
      place,
      auto: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('work' as const),
      place: fc.constantFrom(undefined, 0, 1),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('workerLeaves' as const, 'workerDies' as const),
      who,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('workersRace' as const),
      count: fc.integer({ min: 2, max: 4 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('claim' as const),
      who,
      lease: fc.constantFrom(10, 60, 600),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('race' as const),
      whos: fc.array(who, { minLength: 2, maxLength: 5 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('report' as const),
      who,
      status: fc.constantFrom('deployed' as const, 'failed' as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'leave' as const,
        'renew' as const,
        'release' as const,
        'cancel' as const,
        'look' as const,
      ),
      who,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('intrude' as const, 'overtake' as const), who }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('rollback' as const),
      component: few,
      place,
      auto: fc.boolean(),
      lock: fc.constant(false),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('patch' as const),
      who,
      status: fc.constantFrom(
        'scheduled' as const,
        'in_progress' as const,
        'deployed' as const,
        'failed' as const,
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('time' as const),
      seconds: fc.constantFrom(1, 9, 30, 61, 700),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('expire' as const, 'restart' as const) }),
  },
);

/** Besides, locks, freezes and approvals, of which some are placed by rollbacks. */
export const stepAmongGates: fc.Arbitrary<Step> = fc.oneof(
  { weight: 40, arbitrary: step },
  { weight: 28, arbitrary: gateStep },
  {
    // Several that wait for one turn, some of them approved.
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('register' as const),
      component: fc.constant(0),
      place: fc.constant(0),
      auto: fc.constantFrom(false, false, true),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('rollback' as const),
      component: few,
      place,
      auto: fc.boolean(),
      lock: fc.constant(true),
    }),
  },
);

const settings = {
  order: fc.constantFrom('newest' as const, 'oldest' as const),
  exclusive: fc.constantFrom('taxonomy' as const, 'place' as const, 'environment' as const),
  max_running: fc.integer({ min: 1, max: 3 }),
  buffer_seconds: fc.constantFrom(0, 20),
  max_hold_seconds: fc.constantFrom(null, 100),
  unleased_hold_seconds: fc.constantFrom(null, 50),
  lease_required: fc.constantFrom(false, false, true),
};

export const settingsOf: fc.Arbitrary<EnvironmentPut> = fc.record(settings);

/** Besides, what has to do with gates. */
export const gatedSettingsOf: fc.Arbitrary<EnvironmentPut> = fc.record({
  ...settings,
  required_approvals: fc.constantFrom(0, 0, 1, 1, 2),
  queue_ttl_seconds: fc.constantFrom(null, null, 40),
});
