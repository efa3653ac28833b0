import type { Decision } from '../decision.js';
import { look } from '../decision.js';
import { changeOfState } from './changes.js';
import type { RecordedEvent, StateChange } from './changes.js';
import { nextState } from './lifecycle.js';
import type { StoredDeployment } from './deployment.js';
import { recordEvent, sourceOfEvent } from './events.js';
import type { Cause, EventSource } from './events.js';
import { sizeOf } from './size.js';

/** How many deployments are skipped along with what skips them. When more wait, the rest is skipped afterwards. */
export const maxSkippedAtOnce = 1_000;

/** How many are skipped at a time afterwards: few, since whoever asks for something meanwhile waits for one of these. */
export const maxSkippedAfterwards = 250;

/** No more are skipped at once either, once they take so many bytes. */
export const maxSkippedBytes = 8 * 1024 * 1024;

/** Whether more may wait than these, of which so many were to be read at most. */
export function mayBeMore(waiting: readonly StoredDeployment[], limit: number): boolean {
  const bytes = waiting.reduce((sum, { deployment }) => sum + sizeOf(deployment), 0);
  return waiting.length === limit || bytes > maxSkippedBytes;
}

/** Some deployments, skipped, and the event of each. */
export interface Skipped {
  readonly updated: readonly StateChange[];
  readonly events: readonly RecordedEvent[];
}

/**
 * Skips deployments that wait, because a newer one of their taxonomy was deployed.
 *
 * @param waiting those that are `scheduled` and older; newer ones are still to come
 * @param deployedId the newer one
 * @param source who deployed it
 * @param at when, RFC 3339 in UTC with milliseconds
 */
export function skip(
  waiting: readonly StoredDeployment[],
  deployedId: string,
  source: EventSource,
  at: string,
): Skipped {
  const cause: Cause = { cause: 'auto_skip', deploymentId: deployedId, reason: null };
  const updated: StateChange[] = [];
  const events: RecordedEvent[] = [];
  for (const older of waiting) {
    const to = nextState(older, { status: 'skipped' }, at);
    updated.push(changeOfState(older, to));
    events.push(recordEvent(older, to, cause, source, at));
  }
  return { updated, events };
}

/**
 * Skips the next ones of those that wait behind a deployment; done once none is left.
 *
 * @returns how many were skipped, and whether that was all; nothing for a deployment that is gone
 */
export function* continueSkipping(
  id: string,
  at: string,
): Decision<{ readonly skipped: number; readonly done: boolean }> {
  const { since, event } = yield* look({
    since: { read: 'skippingSince', id },
    event: { read: 'eventTo', id, status: 'deployed' },
  });
  if (since === undefined || event === undefined) {
    return { changes: {}, result: { skipped: 0, done: true } };
  }
  const { waiting } = yield* look({
    waiting: {
      read: 'olderScheduled',
      than: id,
      unchangedSince: since,
      limit: maxSkippedAfterwards,
    },
  });
  const { updated, events } = skip(waiting, id, sourceOfEvent(event), at);
  const done = !mayBeMore(waiting, maxSkippedAfterwards);
  return {
    changes: { deployments: { updated }, events, ...(done && { doneSkipping: [{ id, since }] }) },
    result: { skipped: updated.length, done },
  };
}

/**
 * A deployment as it counts: one that is still to be skipped in the background is skipped already, and
 * cannot be started any more.
 *
 * @param by the newer one that skips it, if there is one
 * @returns its state, and the events that lead there
 */
export function asSkipped(
  stored: StoredDeployment,
  by: StoredDeployment | undefined,
  source: EventSource,
  at: string,
): { readonly target: StoredDeployment; readonly events: readonly RecordedEvent[] } {
  if (by === undefined || stored.deployment.status !== 'scheduled') {
    return { target: stored, events: [] };
  }
  const { updated, events } = skip([stored], by.deployment.id, source, at);
  return { target: updated[0]?.to ?? stored, events };
}
