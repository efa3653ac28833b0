import type {
  Freeze,
  FreezeCalendar,
  FreezeOccurrence,
  GateEvent,
  Lock,
} from '../client/client.js';
import { clock } from './gates.js';
import { shortId } from './ids.js';
import { sheet, since, whoAndWhere } from './output.js';
import { scopeInWords } from './scope.js';
import type { Row } from './table.js';
import type { View } from './view.js';

/** Locks, one a row. */
export function lockRows(locks: readonly Lock[], view: View): Row[] {
  return locks.map((lock) => ({
    ID: shortId(lock.id, view),
    WHERE: scopeInWords(lock.scope, view),
    WHO: ownerOf(lock),
    ...since('SINCE', lock.created_at, view),
    UNTIL: untilOf(lock.expires_at, view) ?? 'released',
    WHY: lock.reason,
    'ALSO STOPS': stopsOf(lock),
  }));
}

/** Freezes, one a row: what each is now, until when, and by which rule. */
export function freezeRows(freezes: readonly Freeze[], view: View): Row[] {
  return freezes.map((freeze) => ({
    ID: shortId(freeze.id, view),
    NOW: freeze.closed ? 'closed' : 'open',
    UNTIL: untilOf(freeze.closed ? freeze.closed_until : freeze.next_closed_at, view),
    WHERE: scopeInWords(freeze.scope, view),
    WHO: ownerOf(freeze),
    WHY: freeze.reason,
    RULE: ruleOf(freeze, view),
    'ALSO STOPS': stopsOf(freeze),
  }));
}

/** When freezes are closed, a row a stretch. */
export function occurrenceRows(stretches: readonly FreezeOccurrence[], view: View): Row[] {
  return stretches.map((stretch) => ({
    CLOSES: clock(stretch.starts_at, view),
    OPENS: clock(stretch.ends_at, view),
    WHERE: scopeInWords(stretch.scope, view),
    WHY: stretch.reason,
    FREEZE: shortId(stretch.freeze_id, view),
  }));
}

/** Calendars of freezes, one a row. */
export function calendarRows(calendars: readonly FreezeCalendar[], view: View): Row[] {
  return calendars.map((calendar) => ({
    ID: shortId(calendar.id, view),
    WHERE: scopeInWords(calendar.scope, view),
    WHO: ownerOf(calendar),
    ...since('SINCE', calendar.created_at, view),
  }));
}

/** Locks and freezes that are closed now, one a row. */
export function closedRows(
  { locks, freezes }: { readonly locks: readonly Lock[]; readonly freezes: readonly Freeze[] },
  view: View,
): Row[] {
  const rows = [
    ...locks.map((lock) => ({ kind: 'lock', gate: lock, until: lock.expires_at })),
    ...freezes.map((freeze) => ({ kind: 'freeze', gate: freeze, until: freeze.closed_until })),
  ];
  return rows.map(({ kind, gate, until }) => ({
    ID: shortId(gate.id, view),
    GATE: kind,
    WHERE: scopeInWords(gate.scope, view),
    WHO: ownerOf(gate),
    UNTIL: untilOf(until, view) ?? (kind === 'lock' ? 'released' : null),
    WHY: gate.reason,
  }));
}

/** Changes of locks, freezes and calendars, one a row. */
export function gateEventRows(events: readonly GateEvent[], view: View): Row[] {
  return events.map((event) => ({
    ...since('WHEN', event.occurred_at, view),
    WHAT: event.type,
    ID: shortId(event.gate_id, view),
    WHERE: scopeInWords(event.scope, view),
    REASON: event.reason,
    ...whoAndWhere(event),
  }));
}

/** A lock or a freeze: a line for each field that has a value. */
export function gateSheet(gate: Lock | Freeze, view: View): string {
  return sheet(
    {
      ...gate,
      scope: scopeInWords(gate.scope, { columns: undefined }),
      allow: gate.allow.join(', ') || 'nothing',
    },
    view,
  );
}

/**
 * A calendar: a line for each field that has a value, and where programs read it.
 *
 * @param url whole, with its token
 */
export function calendarSheet(calendar: FreezeCalendar, url: string, view: View): string {
  return sheet(
    { ...calendar, scope: scopeInWords(calendar.scope, { columns: undefined }), url },
    view,
  );
}

function ownerOf({
  created_by_actor: actor,
  created_by_repo: repository,
}: Pick<Lock, 'created_by_actor' | 'created_by_repo'>): string | null {
  return actor ?? repository;
}

/** When it is closed, by what it was created with; at a terminal in words that may go on in the next line. */
function ruleOf({ starts, ends, time_zone: zone, rrule }: Freeze, { columns }: View): string {
  const rule = `${starts} to ${ends}, ${zone}${rrule === null ? '' : `, ${rrule}`}`;
  if (columns === undefined) return rule;
  return rule.replaceAll(/(\d)T(\d)/g, '$1 $2').replaceAll(';', '; ');
}

function untilOf(instant: string | null, view: View): string | null {
  return instant === null ? null : clock(instant, view);
}

/** What does not pass though it usually does. */
function stopsOf({ allow }: Pick<Lock, 'allow'>): string | null {
  return allow.includes('rollback') ? null : 'rollbacks';
}
