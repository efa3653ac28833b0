import type { DeploymentEvent } from '../../client/contract.js';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** A span in one unit, short: `45 s`, `12 min`, `3 h`, `9 d`. */
export function span(ms: number): string {
  if (ms < minute) return `${Math.max(0, Math.floor(ms / second))} s`;
  if (ms < hour) return `${Math.floor(ms / minute)} min`;
  if (ms < 2 * day) return `${Math.floor(ms / hour)} h`;
  return `${Math.floor(ms / day)} d`;
}

/** How long ago an instant was; nothing for none. */
export function since(instant: string | null | undefined, now: number): string {
  return instant == null ? '' : span(now - Date.parse(instant));
}

/** What a status is called on the board; one that is not known by its own name. */
export function statusWord(status: string): string {
  return status.replaceAll('_', ' ');
}

/** What an event of a deployment tells, as its own events do: `in progress by override`. */
export function whatHappened({
  from_status,
  to_status,
  cause,
  changed,
}: Pick<DeploymentEvent, 'from_status' | 'to_status' | 'cause' | 'changed'>): string {
  if (cause === 'approval') return 'approved';
  if (cause === 'rejection') return `rejected: ${statusWord(to_status)}`;
  const what = from_status === to_status ? `${changed.join(', ')} changed` : statusWord(to_status);
  return cause === 'request' ? what : `${what} by ${statusWord(cause)}`;
}

/** `1 waits`, `2 wait`. */
export function counted(count: number, one: string, many: string): string {
  return `${count >= 100 ? '100+' : count} ${count === 1 ? one : many}`;
}

/** The first characters of a commit, as Git shows it. */
export function shortCommit(sha: string | null): string | undefined {
  return sha === null ? undefined : sha.slice(0, 7);
}
