import fc from 'fast-check';
import { scopes } from './gates.js';

/** Who places locks, approves and rejects; `octocat` registers, and `Mona` is `mona`. */
export type Login = 'mona' | 'Mona' | 'hubot' | 'octocat' | 'OctoCat';

/** What somebody does about gates; `who` picks a deployment, `which` a lock or a freeze. */
export type GateStep =
  | {
      readonly do: 'lock';
      readonly scope: number;
      readonly by: Login;
      readonly stopsRollbacks: boolean;
      /** In how many seconds it expires. */
      readonly seconds: number | null;
    }
  | {
      readonly do: 'freeze';
      readonly scope: number;
      readonly by: Login;
      readonly stopsRollbacks: boolean;
      /** In how many seconds it begins. */
      readonly after: number;
      /** For how many it lasts. */
      readonly seconds: number;
    }
  | { readonly do: 'unlock' | 'thaw'; readonly which: number; readonly by: Login }
  | { readonly do: 'require'; readonly people: number }
  | { readonly do: 'reject'; readonly who: number; readonly by: Login }
  | {
      readonly do: 'approve';
      readonly who: number;
      readonly by: Login;
      /** Whether that is one of those that may be approved. */
      readonly isOpen: boolean;
    }
  | {
      readonly do: 'override';
      readonly who: number;
      readonly isOwner: boolean;
      readonly how: 'claim' | 'patch';
    };

const who = fc.nat(11);
const scope = fc.nat(scopes.length - 1);
const stopsRollbacks = fc.constantFrom(false, false, true);
const by = fc.constantFrom<Login[]>('mona', 'mona', 'Mona', 'hubot', 'octocat', 'OctoCat');

export const gateStep: fc.Arbitrary<GateStep> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('lock' as const),
      scope,
      by,
      stopsRollbacks,
      seconds: fc.constantFrom(null, null, 5, 40),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('freeze' as const),
      scope,
      by,
      stopsRollbacks,
      after: fc.constantFrom(-20, 0, 5, 30),
      seconds: fc.constantFrom(10, 30, 90),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('unlock' as const, 'thaw' as const),
      which: who,
      by,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('require' as const),
      people: fc.constantFrom(0, 1, 1, 2),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('approve' as const),
      who,
      by,
      isOpen: fc.constantFrom(true, true, true, false),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reject' as const), who, by }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('override' as const),
      who,
      isOwner: fc.constantFrom(true, true, false),
      how: fc.constantFrom('claim' as const, 'patch' as const),
    }),
  },
);
