import type { StoredDeployment } from '../deployments/deployment.js';
import { look } from '../decision.js';
import type { Slice, SliceData } from '../decision.js';
import type { ResultOf } from '../reads.js';
import { secondsAfter } from './entries.js';
import type { Group } from './group.js';
import type { Standing } from './turns.js';

/** At how many deployments of a taxonomy is looked for how long one takes. */
const maxSamples = 20;

/** What was deployed last in a taxonomy, the last first: what there is to tell how long the next one takes. */
export function lastDeployed(key: string) {
  return { read: 'candidates', place: { key }, otherThan: [], limit: maxSamples } as const;
}

/** The deployments that were deployed last in a taxonomy. */
export type LastDeployed = ResultOf<ReturnType<typeof lastDeployed>>;

/** Reads them, unless they are known. */
export function* findLastDeployed(
  key: string,
  known: LastDeployed | undefined,
): Generator<Slice, LastDeployed, SliceData<Slice>> {
  return known ?? (yield* look({ deployed: lastDeployed(key) })).deployed;
}

/** With fewer deployments that took any time there is no telling how long the next one takes. */
const minSamples = 3;

/**
 * When a deployment may be expected to start: after what runs in its taxonomy and those of it that go before,
 * each of which takes as long as the last ones of that component there took (the median).
 *
 * @param deployed what was deployed there last
 * @returns `undefined` where there are too few to tell, or others than those of its taxonomy are in its way, or a
 *   gate of which nobody knows when it opens
 */
export function estimateStart(
  { waiting, blockers }: Standing,
  deployed: LastDeployed,
  { at, settings }: Group,
): string | undefined {
  const seconds = medianOf(deployed.flatMap(({ stored }) => durationOf(stored)));
  if (seconds === undefined) return undefined;
  let start = at;
  for (const blocker of blockers) {
    switch (blocker.kind) {
      case 'running': {
        const { key, startedAt } = blocker.holder;
        if (key !== waiting.key || startedAt === null) return undefined;
        const end = secondsAfter(startedAt, seconds + settings.buffer_seconds);
        start = end > start ? end : start;
        break;
      }
      case 'ahead':
        if (blocker.waiting.key !== waiting.key) return undefined;
        start = secondsAfter(start, seconds + settings.buffer_seconds);
        break;
      case 'buffer':
        start = blocker.until > start ? blocker.until : start;
        break;
      case 'gate': {
        const { until } = blocker.gate;
        if (until === null) return undefined;
        start = until > start ? until : start;
      }
    }
  }
  return start;
}

/** How many seconds a deployment took; none for one that was `deployed` at once. */
function durationOf({ deployment }: StoredDeployment): number[] {
  const { started_at: started, finished_at: finished } = deployment;
  if (started === null || finished === null || started === finished) return [];
  return [(Date.parse(finished) - Date.parse(started)) / 1000];
}

function medianOf(durations: readonly number[]): number | undefined {
  if (durations.length < minSamples) return undefined;
  const sorted = [...durations].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
