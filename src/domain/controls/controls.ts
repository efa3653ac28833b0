import type { Freeze, GateEvent, Lock } from '../gates/gate.js';
import type { Kept, KeptCalendar } from '../gates/kept.js';
import type { Policy, PolicyEvent } from '../policies/policy.js';

/**
 * What an organisation has laid down: who may do what, and which gates are closed. Each change makes the next
 * revision, which is that of the policy, the lock or the freeze that changed; a store hands the same revision out
 * as the same object for as long as it can.
 */
export interface Controls {
  /** Counts the changes; 0 before the first. */
  readonly revision: number;
  /** When the last change was, RFC 3339 in UTC with milliseconds; empty before the first. */
  readonly changedAt: string;
  /** By name. */
  readonly policies: readonly Policy[];
  /** The oldest first, among them some that have expired. */
  readonly locks: readonly Kept<Lock>[];
  /** The oldest first, among them some that are over. */
  readonly freezes: readonly Kept<Freeze>[];
  /** The calendars of freezes that programs subscribe to, the oldest first. */
  readonly calendars: readonly KeptCalendar[];
}

/** What an organisation has before it has changed anything. */
export const noControls: Controls = {
  revision: 0,
  changedAt: '',
  policies: [],
  locks: [],
  freezes: [],
  calendars: [],
};

/** What can be read of controls. */
export interface ControlsReads {
  /** All of them. */
  controls: { of: object; gives: Controls };
  /** The events of the policies of a name, oldest first, after a revision. */
  policyEvents: {
    of: { readonly name: string; readonly after: number; readonly limit: number };
    gives: readonly PolicyEvent[];
  };
  /** The events of all locks and freezes, oldest first, after a revision. */
  gateEvents: {
    of: { readonly after: number; readonly limit: number };
    gives: readonly GateEvent[];
  };
}

/** What can change of controls. */
export interface ControlsChanges {
  /** The controls on which the decision rests, which must still be those of their revision. */
  readonly controlsAt: { readonly organisation: string; readonly revision: number };
  /** The next ones, which are stored only while the present ones are those of the revision before. */
  readonly controls: ControlsChange;
}

/** One change of one policy, lock, freeze or calendar. */
export interface ControlsChange {
  readonly organisation: string;
  /** Under which name its event is found: that of the policy, or `gatesName`. */
  readonly name: string;
  readonly to: Controls;
  readonly event: PolicyEvent | GateEvent;
}

/** The name under which the events of locks, freezes and calendars are kept; no policy can have it. */
export const gatesName = ':gates';

/**
 * The next controls.
 *
 * @param changed what is to be another
 * @param at when, RFC 3339 in UTC with milliseconds
 */
export function nextControls(
  { revision, policies, locks, freezes, calendars }: Controls,
  changed: Partial<Omit<Controls, 'revision' | 'changedAt'>>,
  at: string,
): Controls {
  const present = { policies, locks, freezes, calendars };
  return { revision: revision + 1, changedAt: at, ...present, ...changed };
}
