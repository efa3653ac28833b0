import type { components } from '../../../generated/openapi.js';
import type { Controls } from '../controls/controls.js';
import { contractViolation } from '../errors.js';
import type { Violation } from '../errors.js';
import { closedAt, nextClosed } from '../freezes/closed.js';
import { occurrences } from '../freezes/occurrences.js';
import { instantFault, toUtc } from '../instants.js';
import type { Freeze, ShownFreeze } from './gate.js';

/** A stretch of time in which a freeze is closed, as the contract shows it. */
export type FreezeOccurrence = components['schemas']['FreezeOccurrence'];

/** The longest span that is looked at, in days, and how many stretches it may have. */
const maxDays = 366;
const maxOccurrences = 1_000;

/** A freeze as the contract shows it, at an instant. */
export function showFreeze(freeze: Freeze, at: string): ShownFreeze {
  const { id, scope, reason, allow, time_zone, starts, ends, rrule, ...created } = freeze;
  const stretch = closedAt(freeze, at);
  const next = stretch === undefined ? nextClosed(freeze, at) : undefined;
  return {
    id,
    scope,
    reason,
    allow,
    time_zone,
    starts,
    ends,
    rrule,
    closed: stretch !== undefined,
    closed_until: stretch?.until ?? null,
    next_closed_at: next?.from ?? null,
    ...created,
  };
}

/**
 * When the freezes of an organisation are closed, by their start.
 *
 * @param span RFC 3339
 * @throws ApplicationError `contract-violation` for a span that is none, is too long, or has too many
 */
export function occurrencesOf(
  { freezes }: Controls,
  span: { readonly from: string; readonly to: string },
): FreezeOccurrence[] {
  const { from, to } = requireSpan(span);
  const found: FreezeOccurrence[] = [];
  for (const { gate } of freezes) {
    const { id: freeze_id, reason, scope, allow } = gate;
    const left = maxOccurrences - found.length;
    const stretches = occurrences(gate, from, to, left + 1);
    if (stretches.length > left) {
      const message = `must be earlier: there are more than ${maxOccurrences} stretches up to it`;
      throw contractViolation([{ parameter: 'to', message }]);
    }
    for (const { from: starts_at, until: ends_at } of stretches) {
      found.push({ freeze_id, reason, scope, allow, starts_at, ends_at });
    }
  }
  return found.sort((a, b) => (a.starts_at < b.starts_at ? -1 : 1));
}

function requireSpan({ from, to }: { readonly from: string; readonly to: string }) {
  const [start, end] = [toUtc(from), toUtc(to)];
  const faults: Violation[] = [];
  if (start === undefined) faults.push({ parameter: 'from', message: instantFault });
  if (end === undefined) faults.push({ parameter: 'to', message: instantFault });
  if (start === undefined || end === undefined) throw contractViolation(faults);
  const days = (Date.parse(end) - Date.parse(start)) / 86_400_000;
  if (days <= 0 || days > maxDays) {
    const message = `must be after from, and at most ${maxDays} days`;
    throw contractViolation([{ parameter: 'to', message }]);
  }
  return { from: start, to: end };
}
