import type { components } from '../../../generated/openapi.js';
import type { Decision, Slice, SliceData } from '../decision.js';
import { look, together } from '../decision.js';
import type { StoredDeployment } from '../deployments/deployment.js';
import type { Candidate, Running, Scheduled } from '../deployments/reads.js';
import { findSource, whatRuns } from '../deployments/rollback.js';
import { taxonomyKey } from '../deployments/taxonomy.js';
import type { Taxonomy } from '../deployments/taxonomy.js';
import type { Queue } from '../queue/entries.js';
import { isWaitedFor } from '../queue/group.js';
import { withinTaxonomy } from '../queue/turns.js';
import type { Contender } from '../queue/turns.js';
import { briefOf } from './brief.js';
import type { DeploymentBrief } from './brief.js';

/** What there is of a taxonomy, as the contract shows it. */
export type CurrentState = components['schemas']['CurrentState'];

/** How many of those in progress in a taxonomy are named. */
const maxInProgress = 10;
/** How many deployments are looked at first for the last good one: nearly always enough. */
const firstCandidates = 5;
/** How many versions that were found bad are passed over on the way to it. */
const maxPassedOver = 20;

/** What has been read of a taxonomy. */
interface Known {
  readonly key: string;
  readonly taxonomy: Taxonomy;
  readonly running: readonly Running[];
  readonly candidates: readonly Candidate[];
  readonly inProgress: readonly StoredDeployment[];
  readonly scheduled: Scheduled;
  readonly queue: Queue | undefined;
}

/**
 * What runs in taxonomies, what ran before, what is under way and what waits. Those in which nothing has run and
 * nothing waits are left out.
 *
 * @param at when, RFC 3339 in UTC with milliseconds
 */
export function* currentOf(
  taxonomies: readonly Taxonomy[],
  at: string,
): Decision<readonly CurrentState[]> {
  if (taxonomies.length === 0) return { changes: {}, result: [] };
  const keys = taxonomies.map(taxonomyKey);
  const environments = [...new Set(taxonomies.map(({ environment }) => environment))];
  const found = yield* look({
    running: { read: 'runningIn', keys },
    candidates: { read: 'candidatesIn', keys, limit: firstCandidates },
    inProgress: { read: 'inProgressIn', keys, limit: maxInProgress },
    scheduled: { read: 'scheduledIn', keys },
    queues: { read: 'queues', environments },
  });
  const queues = new Map(
    found.queues.map((queue) => [queue.head.stored.environment.environment, queue]),
  );
  const states = yield* together(
    taxonomies.map((taxonomy, nth) => {
      const key = keys[nth] ?? '';
      return stateOf(
        {
          key,
          taxonomy,
          running: found.running.get(key) ?? [],
          candidates: found.candidates.get(key) ?? [],
          inProgress: found.inProgress.get(key) ?? [],
          scheduled: found.scheduled.get(key) ?? { count: 0, ends: [] },
          queue: queues.get(taxonomy.environment),
        },
        at,
      );
    }),
  );
  const result = states.filter(
    ({ current, waiting }) => current !== null || waiting.count > 0 || waiting.next !== null,
  );
  return { changes: {}, result };
}

function* stateOf(known: Known, at: string): Generator<Slice, CurrentState, SliceData<Slice>> {
  const { name, environment, provider, cloud_account_id, region, cell } = known.taxonomy;
  const current = whatRuns(known.running);
  const [previousGood, next] = yield* together([previousGoodOf(known, current), nextOf(known, at)]);
  return {
    name,
    environment,
    provider,
    cloud_account_id,
    region,
    cell,
    current: briefOrNull(current?.stored),
    previous_good: briefOrNull(previousGood),
    in_progress: known.inProgress.map(({ deployment }) => briefOf(deployment)),
    waiting: { count: known.scheduled.count, next: briefOrNull(next) },
  };
}

function briefOrNull(stored: StoredDeployment | undefined): DeploymentBrief | null {
  return stored === undefined ? null : briefOf(stored.deployment);
}

/** What a rollback of what runs would return to. */
function* previousGoodOf({ key, candidates }: Known, current: Running | undefined) {
  if (current === undefined) return undefined;
  const bounds = { firstPage: firstCandidates, passedOver: maxPassedOver };
  const { source } = yield* findSource({ key }, current, candidates, bounds);
  return source;
}

/** Which one goes next: of those that are waited for; else, of those that are scheduled. */
function* nextOf({ key, queue, scheduled }: Known, at: string) {
  if (queue === undefined) return undefined;
  const waiting = queue.waiting.filter((one) => one.entry.key === key && isWaitedFor(one, at));
  const contenders: Contender[] =
    waiting.length > 0 ? waiting.map(({ entry }) => entry) : scheduled.ends.map(asContender);
  const [first] = contenders.sort(withinTaxonomy(queue.head.stored.environment));
  if (first === undefined) return undefined;
  const known = scheduled.ends.find(({ deployment }) => deployment.id === first.id);
  if (known !== undefined) return known;
  const { found } = yield* look({ found: { read: 'deployment', id: first.id } as const });
  return found;
}

/** One that nobody waits for yet, as if somebody had since it was registered. */
function asContender({ deployment }: StoredDeployment): Contender {
  const { id, created_at: createdAt, trigger } = deployment;
  return {
    id,
    createdAt,
    isRollback: trigger === 'rollback',
    isRetry: false,
    since: createdAt,
  };
}
