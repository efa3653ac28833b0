import type { ClosedGate } from '../client/client.js';
import type { View } from './view.js';

/** What keeps a deployment from starting though nobody is before it. */
const kinds: readonly string[] = ['lock', 'freeze', 'approval'] satisfies ClosedGate['kind'][];

/** Whether something that keeps a deployment from starting is a gate. */
export function isGate(kind: string): boolean {
  return kinds.includes(kind);
}

/** A gate that is closed, or what keeps a deployment from starting, where that is one. */
type Closed = Pick<ClosedGate, 'owner' | 'until'> & {
  readonly kind: string;
  readonly reason: string | null;
};

/**
 * A gate that is closed, in words.
 *
 * @example `a lock of octocat is closed until 14:00 (The database is failing over)`, `1 of 2 approvals`
 */
export function gateInWords({ kind, reason, owner, until }: Closed, view: View): string {
  if (kind === 'approval') return reason ?? 'approvals are missing';
  const whose = owner === null ? '' : ` of ${owner}`;
  const end = until === null ? '' : ` until ${clock(until, view)}`;
  return `a ${kind}${whose} is closed${end}${reason ? ` (${reason})` : ''}`;
}

/**
 * An instant whole, or at a terminal what the clocks of this machine show then, with the day where it is another one.
 *
 * @param instant RFC 3339
 */
export function clock(instant: string, { columns, now }: Pick<View, 'columns' | 'now'>): string {
  const date = new Date(instant);
  if (columns === undefined || Number.isNaN(date.getTime())) return instant;
  const two = (part: number) => String(part).padStart(2, '0');
  const dayOf = (one: Date) =>
    [one.getFullYear(), two(one.getMonth() + 1), two(one.getDate())].join('-');
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  const day = dayOf(date);
  return day === dayOf(new Date(now)) ? time : `${day} ${time}`;
}
