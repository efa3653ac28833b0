/** What workers do, each with what is expected of the answer. */
import { expect } from 'chai';
import { claimNext } from '../../src/domain/queue/claim-next.js';
import type { Deployment } from '../../src/domain/deployments/deployment.js';
import type { WorkSelector } from '../../src/domain/queue/entries.js';
import { leaveWork } from '../../src/domain/queue/hold.js';
import { hashToken } from '../../src/domain/tokens.js';
import { caller } from '../support/stored.js';
import type { Scene } from './claim-knowledge.js';
import { environment } from './claim-service.js';
import { requireTold } from './gate-checks.js';
import { find, requireTurn } from './turns.js';
import type { QueueView } from './turns.js';

const waitSeconds = 30;
/** How long a worker counts beyond its wait. */
const graceSeconds = 5;

/** What workers take: all, or what is in one place. */
export function selectorOf(place: number | undefined): WorkSelector {
  return place === undefined ? { environment } : { environment, region: `region-${place}` };
}

/**
 * A worker asks for something to do, and waits when there is nothing.
 *
 * @param woken the call that has waited; absent for a new one
 */
export async function work(scene: Scene, selector: WorkSelector, woken?: string): Promise<void> {
  const { service, known } = scene;
  const { call: next, token } = known.nextCall();
  const call = woken ?? next;
  const now = service.now();
  const command = {
    selector,
    caller,
    call,
    isFirst: woken === undefined,
    waitSeconds,
    leaseSeconds: 60,
    tokenHash: hashToken(token),
    request: undefined,
  };
  const view = known.isRacing ? undefined : known.view(await service.deployments(), now);
  const { lease } = await service.change(() => claimNext(command, service.at(now)));
  if (lease === undefined) {
    const until = now + (waitSeconds + graceSeconds) * 1000;
    if (woken === undefined) known.workers.set(call, { selector, until, dead: false });
    return;
  }
  const deployment = await service.deployment(lease.id);
  expect(deployment?.auto, 'workers get what is auto').to.equal(true);
  expect(selector.region ?? deployment?.region).to.equal(deployment?.region);
  const isClaimed = known.waits(lease.id, now);
  expect(isClaimed, 'workers get nothing that is claimed by its id').to.equal(false);
  if (view !== undefined) {
    const before = find(view, lease.id);
    requireTurn({ ...view, waiting: withWork(view, before, call) }, lease.id);
    await requireTold(scene, lease.id, known.closedFor(before, now));
  }
  known.workers.delete(call);
  if (deployment !== undefined) known.hold(lease, deployment, token, now);
}

/** Who waits, and what a worker has got: that has waited since it could be had. */
function withWork({ waiting }: QueueView, got: Deployment, call: string): QueueView['waiting'] {
  const { id, created_at: createdAt, updated_at: updatedAt, started_at: startedAt } = got;
  const since = Date.parse(startedAt === null ? createdAt : updatedAt);
  return new Map([...waiting, [id, { call, since, until: Infinity, isRetry: false }]]);
}

/** One of the workers goes, and says so unless it is dead. */
export async function endWorker(
  { service, known }: Scene,
  who: number,
  isDead: boolean,
): Promise<void> {
  const calls = [...known.workers.keys()];
  const call = calls[who % Math.max(1, calls.length)];
  const worker = call === undefined ? undefined : known.workers.get(call);
  if (call === undefined || worker === undefined) return;
  worker.dead = true;
  if (isDead) return;
  known.workers.delete(call);
  await service.change(() => leaveWork({ environment, call }, service.at()));
}
