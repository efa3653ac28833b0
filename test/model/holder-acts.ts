/** What holders of leases do, each with what is expected of the answer. */
import { expect } from 'chai';
import { update } from '../../src/domain/deployments/update.js';
import { release, renew } from '../../src/domain/queue/hold.js';
import { caller } from '../support/stored.js';
import { requireSkips } from './claim-checks.js';
import type { Scene } from './claim-knowledge.js';
import { requireTold } from './gate-checks.js';

/** Reports an outcome, under a lease that may have been lost. */
export async function report(
  scene: Scene,
  id: string,
  status: 'deployed' | 'failed',
): Promise<void> {
  const { service, known } = scene;
  const held = known.held.get(id);
  if (held === undefined) return;
  const now = service.now();
  const isLive = known.isHeld(id, now);
  const before = await service.deployment(id);
  const closed = before === undefined ? [] : known.closedFor(before, now);
  const command = {
    id,
    fields: { status },
    caller,
    leaseToken: held.token,
    precondition: () => undefined,
  };
  const answer = await service.change(() => update(command, service.at(now)));
  expect('lost' in answer, 'a lease is lost once it has run out, and not before').to.equal(!isLive);
  known.held.delete(id);
  if (!isLive) return;
  await requireTold(scene, id, closed);
  if (status === 'deployed') await requireSkips(scene, id);
}

export async function renewLease({ service, known }: Scene, id: string): Promise<void> {
  const held = known.held.get(id);
  if (held === undefined) return;
  const now = service.now();
  const isLive = known.isHeld(id, now);
  const command = { id, caller, token: held.token };
  const answer = await service.change(() => renew(command, service.at(now)));
  expect('lease' in answer, 'a lease is renewed while it lives').to.equal(isLive);
  if (!('lease' in answer)) {
    known.held.delete(id);
    return;
  }
  held.expiresAt = Date.parse(answer.lease.expiresAt);
  const { max_hold_seconds: hold } = known.settings;
  const most = hold == null ? Infinity : held.grantedAt + hold * 1000;
  expect(held.expiresAt).to.equal(Math.min(now + held.seconds * 1000, most));
}

export async function releaseLease({ service, known }: Scene, id: string): Promise<void> {
  const held = known.held.get(id);
  if (held === undefined) return;
  const isLive = known.isHeld(id, service.now());
  const command = { id, caller, token: held.token };
  const answer = await service.change(() => release(command, service.at()));
  expect('lost' in answer, 'a lease is given back while it lives').to.equal(!isLive);
  if ('stored' in answer) expect(answer.stored.deployment.status).to.equal('scheduled');
  known.held.delete(id);
}
