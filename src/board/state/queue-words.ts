import type { QueuePosition } from '../../client/contract.js';
import { gateInWords } from './gates.js';
import { span } from './words.js';

/** Those that somebody has closed, or that wait for somebody. */
const gateKinds: ReadonlySet<string> = new Set(['lock', 'freeze', 'approval']);

/** Where a deployment stands and what it waits for, short; while nobody waits for it, what is closed. */
export function reasonFor({ position, blocked_by: blockers }: QueuePosition): string {
  const shown = position === null ? blockers.filter(({ kind }) => gateKinds.has(kind)) : blockers;
  const kinds = [...new Set(shown.map(({ kind }) => reasons[kind] ?? kind))];
  return [position === null ? 'unclaimed' : `place ${position}`, ...kinds].join(', ');
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
  return blockers.map((blocker) => {
    const { kind, deployment_id, until } = blocker;
    if (gateKinds.has(kind)) return { words: gateInWords(blocker, now), deployment: null };
    const left = until === null ? 0 : Date.parse(until) - now;
    const limit = left > 0 ? `, ${span(left)} at the longest` : '';
    return { words: `${reasons[kind] ?? kind}${limit}`, deployment: deployment_id };
  });
}
