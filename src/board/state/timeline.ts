import type { FeedEvent } from '../../client/contract.js';
import { gatesInWords } from './gates.js';

export type Tone = 'good' | 'bad' | 'busy' | 'calm';

/** A line of the timeline: an event, or several that came of one. */
export interface Entry {
  readonly key: number;
  readonly event: FeedEvent;
  /** How many events it stands for. */
  readonly count: number;
  readonly verb: string;
  readonly tone: Tone;
  /** Who or what did it. */
  readonly by: string | undefined;
  /** What else there is to say. */
  readonly more: string | undefined;
}

/** Events as they are told, the newest first. What one deployment has skipped is told once. */
export function tell(events: readonly FeedEvent[]): Entry[] {
  const entries: Entry[] = [];
  for (const event of events) {
    const last = entries.at(-1);
    if (last !== undefined && isOfOne(last.event, event)) {
      entries[entries.length - 1] = { ...last, count: last.count + 1 };
    } else {
      entries.push(entryOf(event));
    }
  }
  return entries;
}

function isOfOne(a: FeedEvent, b: FeedEvent): boolean {
  return (
    a.cause === 'auto_skip' &&
    b.cause === 'auto_skip' &&
    a.cause_deployment_id === b.cause_deployment_id
  );
}

function entryOf(event: FeedEvent): Entry {
  const [verb, tone] = wordsFor(event);
  return {
    key: event.position,
    event,
    count: 1,
    verb,
    tone,
    by: event.actor ?? event.repository ?? undefined,
    more:
      [event.reason ?? causes[event.cause], overridden(event)].filter(Boolean).join('; ') ||
      undefined,
  };
}

/** Which gates a start has passed all the same. */
function overridden({ cause, gates }: FeedEvent): string | undefined {
  return cause === 'override' ? `although ${gatesInWords(gates).join('; ')}` : undefined;
}

const causes: Readonly<Record<string, string>> = {
  auto_skip: 'a newer one was deployed',
  rollback: 'as a rollback',
  lease_expired: 'nobody renewed its lease',
  late: 'reported after its lease had ended',
  queue_ttl: 'it had waited too long',
};

function wordsFor({ from_status, to_status, cause }: FeedEvent): readonly [string, Tone] {
  if (from_status === to_status) {
    return cause === 'approval' ? ['approved', 'good'] : ['updated', 'calm'];
  }
  switch (to_status) {
    case 'scheduled':
      if (from_status === null) {
        return cause === 'rollback' ? ['rollback to', 'busy'] : ['registered', 'calm'];
      }
      return [from_status === 'in_progress' ? 'put back' : 'scheduled again', 'calm'];
    case 'in_progress':
      return [cause === 'override' ? 'started by override' : 'started', 'busy'];
    case 'deployed':
      return ['deployed', 'good'];
    case 'failed':
      if (cause === 'lease_expired') return ['lost its lease', 'bad'];
      return [from_status === 'deployed' ? 'found bad' : 'failed', 'bad'];
    case 'skipped':
      return ['skipped', 'calm'];
    case 'cancelled':
      return cause === 'rejection' ? ['rejected', 'bad'] : ['cancelled', 'calm'];
    default:
      return [String(to_status).replaceAll('_', ' '), 'calm'];
  }
}

/** The day that an event is told under, as people say it. */
export function dayOf(instant: string, now: number): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
  });
  const day = format.format(new Date(instant));
  if (day === format.format(new Date(now))) return 'Today';
  return day === format.format(new Date(now - 86_400_000)) ? 'Yesterday' : day;
}
