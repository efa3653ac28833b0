import type { Mutant } from './mutant.js';

const turns = 'src/domain/queue/turns.ts';
const group = 'src/domain/queue/group.ts';
const hold = 'src/domain/queue/hold.ts';
const lease = 'src/domain/queue/lease.ts';
const claimable = 'src/domain/queue/claimable.ts';
const update = 'src/domain/deployments/update.ts';

/** Whose turn it is, leases and what comes of them: `claims` notice them. */
export const claimMutants: readonly Mutant[] = [
  {
    breaks: 'never more than max_running of a group',
    file: group,
    text: "exclusive === 'taxonomy' ? 1 : max;",
    becomes: "exclusive === 'taxonomy' ? 1 : max + 1;",
  },
  {
    breaks: 'never two of one taxonomy',
    file: turns,
    text: 'const running = isFull ? holders : (runningIn.get(waiting.key) ?? []);',
    becomes: 'const running = isFull ? holders : [];',
  },
  {
    breaks: 'of a taxonomy the newest goes first, or the oldest, as the environment says',
    file: turns,
    text: "settings.order === 'newest' ? -1 : 1",
    becomes: "settings.order === 'newest' ? 1 : -1",
  },
  {
    breaks: 'what is tried again goes after what has not been tried',
    file: turns,
    text: 'if (a.isRetry !== b.isRetry) return a.isRetry ? 1 : -1;',
    becomes: '',
  },
  {
    breaks: 'after an end nobody starts before the buffer is over',
    file: group,
    text: 'if (settings.buffer_seconds === 0) return undefined;',
    becomes: 'return undefined;',
  },
  {
    breaks: 'a rollback waits for no buffer',
    file: turns,
    text: 'if (buffer !== undefined && !waiting.isRollback) {',
    becomes: 'if (buffer !== undefined) {',
  },
  {
    breaks: 'a lease that ran out is an end, after which there is a buffer',
    file: 'src/domain/queue/expire.ts',
    text: "put.push(turnOf(entry, 'ended', at));",
    becomes: '',
  },
  {
    breaks: 'fences only grow',
    file: 'src/store/sqlite/queue.ts',
    text: "?.['last']) + 1;",
    becomes: "?.['last']);",
  },
  {
    breaks: 'an expired lease is good for nothing',
    file: lease,
    text: 'return lease?.ended === null && lease.expiresAt > at;',
    becomes: 'return lease?.ended === null;',
  },
  {
    breaks: 'an expired lease makes the deployment failed',
    file: 'src/domain/queue/expire.ts',
    text: "if (stored?.deployment.status !== 'in_progress') continue;",
    becomes: 'continue;',
  },
  {
    breaks: 'max_hold_seconds ends even a lease that is renewed',
    file: lease,
    text: 'return earlier(secondsAfter(at, seconds), holdUntil) ?? at;',
    becomes: 'return secondsAfter(at, seconds);',
  },
  {
    breaks: 'an outcome after the lease ran out has the cause late',
    file: update,
    text: 'isLate ? late : byRequest',
    becomes: 'byRequest',
  },
  {
    breaks: 'only its holder releases a lease',
    file: hold,
    text: 'const { stored, entries, controls } = yield* lookAt(command);\n  const { lease, head } = entries;\n  if (!isLive(lease, at) || !isTokenOf(lease, command.token)) {',
    becomes:
      'const { stored, entries, controls } = yield* lookAt(command);\n  const { lease, head } = entries;\n  if (!isLive(lease, at)) {',
  },
  {
    breaks: 'only its holder renews a lease',
    file: hold,
    text: 'const { stored, entries } = yield* lookAt(command);\n  const { lease, head } = entries;\n  if (!isLive(lease, at) || !isTokenOf(lease, command.token)) {',
    becomes:
      'const { stored, entries } = yield* lookAt(command);\n  const { lease, head } = entries;\n  if (!isLive(lease, at)) {',
  },
  {
    breaks: 'only its holder reports an outcome under a token',
    file: lease,
    text: 'if (!isTokenOf(lease, token)) throw leaseLost(deployment);',
    becomes: '',
  },
  {
    breaks: 'without a token nobody changes the status while a lease lives',
    file: lease,
    text: '} else if (status !== undefined) throw leaseHeld(deployment, lease);',
    becomes: '}',
  },
  {
    breaks: 'what is given back is scheduled',
    file: hold,
    text: "const to = nextState(stored, { status: 'scheduled' }, at);",
    becomes: "const to = nextState(stored, { status: 'failed' }, at);",
  },
  {
    breaks: 'the place of what was cancelled stays taken until its holder knows',
    file: group,
    text: 'if (ended === null || expiresAt <= at) continue;',
    becomes: 'continue;',
  },
  {
    breaks: 'what was started without a claim counts as running in its group',
    file: group,
    text: 'if (until === null || until > at) holders.push({ ...own, startedAt, until, lease });',
    becomes: '',
  },
  {
    breaks: 'what was started without a claim counts until unleased_hold_seconds',
    file: group,
    text: 'if (until === null || until > at) holders.push(',
    becomes: 'holders.push(',
  },
  {
    breaks: 'where a lease is required nothing starts without one',
    file: 'src/domain/queue/update.ts',
    text: "if (to !== 'in_progress' || !environment.lease_required) return;",
    becomes: 'return;',
  },
  {
    breaks: 'a 202 keeps the place for 30 s',
    file: 'src/domain/queue/claim.ts',
    text: 'until: secondsAfter(at, waitSeconds + keptSeconds),',
    becomes: 'until: secondsAfter(at, waitSeconds),',
  },
  {
    breaks: 'of several calls for one deployment the newest is served',
    file: 'src/domain/queue/claim.ts',
    text: 'const isServed = own.call === command.call;',
    becomes: 'const isServed = true;',
  },
  {
    breaks: 'workers take what is auto',
    file: 'src/store/sqlite/queue.ts',
    text: ' AND auto = 1 AND',
    becomes: ' AND',
  },
  {
    breaks: 'workers take nothing that a claim by its id waits for',
    file: 'src/domain/queue/work.ts',
    text: 'if (work.has(deployment.id) || claimed.has(deployment.id)) continue;',
    becomes: 'if (work.has(deployment.id)) continue;',
  },
  {
    breaks: 'what failed is tried again, unless a newer one was deployed since',
    file: claimable,
    text: 'compareAge(other, deployment) > 0 &&',
    becomes: 'compareAge(other, deployment) < 0 &&',
  },
  {
    breaks: 'what is in progress without a lease is not claimed',
    file: claimable,
    text: "case 'in_progress':\n      throw",
    becomes: "case 'in_progress':\n      return;\n      throw",
  },
  {
    breaks: 'where every version has its turn, none is skipped',
    file: update,
    text: "head.stored.environment.order !== 'oldest'",
    becomes: 'true',
  },
];

/** What comes together too seldom in what is made up: `examples` notice it. */
export const seldomMutants: readonly Mutant[] = [
  {
    breaks: 'a rollback goes before all of its group',
    file: turns,
    text: 'return [...rollbacks, ...all.filter(({ waiting }) => !waiting.isRollback)];',
    becomes: 'return all;',
  },
  {
    breaks: 'the taxonomy goes that has waited longest since its last start',
    file: turns,
    text: 'return `${since > startedAt ? since : startedAt} ${key}`;',
    becomes: 'return `${since} ${key}`;',
  },
];
