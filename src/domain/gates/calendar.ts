import type { Caller } from '../callers/caller.js';
import { nextControls } from '../controls/controls.js';
import type { Controls } from '../controls/controls.js';
import type { Decision } from '../decision.js';
import { look } from '../decision.js';
import type { Identity } from '../deployments/deployment.js';
import { ApplicationError } from '../errors.js';
import { calendarOf } from '../freezes/calendar.js';
import { occurrences } from '../freezes/occurrences.js';
import { requireAccess } from '../policies/access.js';
import { mayOverlap } from '../scopes/overlap.js';
import { describeScope } from '../scopes/scope.js';
import type { Scope } from '../scopes/scope.js';
import { hashToken, isHashOf } from '../tokens.js';
import { changeOf, madeBy, requireScope } from './record.js';
import { maxCalendars } from './gate.js';
import type { FreezeCalendar } from './gate.js';

/** Who makes a calendar, of which places, and the token that it is read with. */
export interface CalendarCommand {
  readonly caller: Caller;
  readonly scope: Scope;
  readonly token: string;
}

/**
 * Makes a calendar of freezes that is read with a token.
 *
 * @throws ApplicationError `contract-violation`, `forbidden`, `gates-full`
 */
export function* createCalendar(
  { caller, token, ...asked }: CalendarCommand,
  { id, at }: Identity,
): Decision<FreezeCalendar> {
  const scope = requireScope(asked.scope);
  const { controls } = yield* look({ controls: { read: 'controls' } as const });
  requireAccess({ caller, action: 'lock', where: scope }, controls);
  if (controls.calendars.length >= maxCalendars) {
    const message = `An organisation has at most ${maxCalendars} calendars; delete one first`;
    throw new ApplicationError('gates-full', message);
  }
  const calendar: FreezeCalendar = { id, scope, ...madeBy(caller, at) };
  const calendars = [...controls.calendars, { calendar, tokenHash: hashToken(token) }];
  const next = nextControls(controls, { calendars }, at);
  const change = changeOf(next, { type: 'calendar.created', reason: null, calendar }, caller, at);
  return { changes: { controls: change }, result: calendar };
}

/**
 * Deletes a calendar: its token is good for nothing any more.
 *
 * @param at when, RFC 3339 in UTC with milliseconds
 * @throws ApplicationError `calendar-not-found`, `forbidden`
 */
export function* deleteCalendar(
  { id, caller }: { readonly id: string; readonly caller: Caller },
  at: string,
): Decision<undefined> {
  const { controls } = yield* look({ controls: { read: 'controls' } as const });
  const calendar = controls.calendars.find((kept) => kept.calendar.id === id)?.calendar;
  if (calendar === undefined) {
    throw new ApplicationError('calendar-not-found', `No calendar with id ${id}`);
  }
  requireAccess({ caller, action: 'lock', where: calendar.scope }, controls);
  const calendars = controls.calendars.filter((kept) => kept.calendar !== calendar);
  const next = nextControls(controls, { calendars }, at);
  const change = changeOf(next, { type: 'calendar.deleted', reason: null, calendar }, caller, at);
  return { changes: { controls: change }, result: undefined };
}

/** The calendar that a token is for; `undefined` when it is for none. */
export function calendarFor({ calendars }: Controls, token: string): FreezeCalendar | undefined {
  return calendars.find(({ tokenHash }) => isHashOf(tokenHash, token))?.calendar;
}

const dayMs = 86_400_000;
/** How far back a calendar goes, and how far ahead, in days. */
const [daysBack, daysAhead] = [30, 366];
/** How many stretches are in it, an equal share of each freeze. */
const maxStretches = 2_000;
/** How often programs are to ask again, in minutes. */
const refreshMinutes = 60;

/**
 * A calendar as iCalendar (RFC 5545): the freezes of its places.
 *
 * @param at when, RFC 3339 in UTC with milliseconds
 */
export function writeCalendar({ scope }: FreezeCalendar, controls: Controls, at: string): string {
  const span = (days: number): string => new Date(Date.parse(at) + days * dayMs).toISOString();
  const freezes = controls.freezes
    .map(({ gate }) => gate)
    .filter((freeze) => mayOverlap(freeze.scope, scope));
  const share = Math.ceil(maxStretches / Math.max(freezes.length, 1));
  const entries = freezes.map((freeze) => ({
    id: freeze.id,
    summary: `Freeze: ${freeze.reason}`,
    description: [
      `No deployments start: ${describeScope(freeze.scope)}`,
      ...(freeze.allow.includes('rollback') ? ['Rollbacks do'] : []),
      `Created by ${freeze.created_by_actor ?? freeze.created_by_repo ?? 'nobody that is known'}`,
    ].join('\n'),
    updatedAt: freeze.created_at,
    windows: occurrences(freeze, span(-daysBack), span(daysAhead), share),
  }));
  return calendarOf(entries, { name: `Freezes: ${describeScope(scope)}`, refreshMinutes });
}
