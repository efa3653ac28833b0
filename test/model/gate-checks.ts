/** What must hold of gates, in what is answered and told. */
import { expect } from 'chai';
import type { QueuePosition } from '../../src/domain/queue/position.js';
import type { Scene } from './claim-knowledge.js';
import { gatesAmong, inOneOrder } from './gates.js';
import type { ClosedGate } from './gates.js';

/** What keeps a deployment from starting is said, and of gates exactly those that stand closed. */
export function requireBlockers(
  { blocked_by: blockers }: QueuePosition,
  closed: readonly ClosedGate[],
): void {
  expect(blockers, 'who waits is told why').not.to.deep.equal([]);
  expect(gatesAmong(blockers)).to.deep.equal(inOneOrder(closed));
}

/**
 * Expects of the last event of a deployment that it tells of the gates that stood closed, and of a start that this
 * is because somebody has said why, if there were any.
 *
 * @param reason of who overrides
 */
export async function requireTold(
  { service }: Scene,
  id: string,
  closed: readonly ClosedGate[],
  reason?: string,
): Promise<void> {
  const event = (await service.events(id)).at(-1);
  expect(inOneOrder(event?.gates ?? [])).to.deep.equal(inOneOrder(closed));
  if (event?.to_status !== 'in_progress') return;
  const isOverridden = reason !== undefined && closed.length > 0;
  if (!isOverridden) expect(closed, 'nothing starts while a gate is closed').to.deep.equal([]);
  expect([event.cause, event.reason]).to.deep.equal(
    isOverridden ? ['override', reason] : ['request', null],
  );
}

/** Each change of a lock or a freeze is told once, in order. */
export async function requireGateEvents({ service, known }: Scene): Promise<void> {
  const limit = 3;
  const found = [];
  for (let after = 0; ;) {
    const page = await service.store.read({ read: 'gateEvents', after, limit });
    found.push(...page);
    const last = page.at(-1);
    if (last === undefined || page.length < limit) break;
    after = last.revision;
  }
  const told = found.map(({ type, gate_id, reason, actor }) => ({ type, gate_id, reason, actor }));
  expect(told).to.deep.equal(known.gates.events);
  expect(found.map(({ revision }) => revision)).to.deep.equal(found.map((_, index) => index + 1));
}
