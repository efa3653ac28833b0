import type { QueuePosition } from '../../client/contract.js';
import { span } from './words.js';

/** Where a deployment stands and what it waits for, short; nothing where nobody waits for it. */
export function reasonFor({ position, blocked_by: blockers }: QueuePosition): string {
  if (position === null) return 'unclaimed';
  const kinds = [...new Set(blockers.map(({ kind }) => reasons[kind] ?? kind))];
  return [`place ${position}`, ...kinds].join(', ');
}

const reasons: Readonly<Record<string, string>> = {
  running: 'another one runs',
  ahead: 'others go first',
  buffer: 'a pause after the last one',
  lock: 'locked',
  freeze: 'frozen',
  approval: 'not approved yet',
};

/** Each thing that a deployment waits for, in a sentence. */
export function blockersOf(
  { blocked_by: blockers }: QueuePosition,
  now: number,
): readonly { readonly words: string; readonly deployment: string | null }[] {
  return blockers.map(({ kind, deployment_id, until }) => {
    const left = until === null ? 0 : Date.parse(until) - now;
    const limit = left > 0 ? `, ${span(left)} at the longest` : '';
    return { words: `${reasons[kind] ?? kind}${limit}`, deployment: deployment_id };
  });
}
