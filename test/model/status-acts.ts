/** What changes statuses without a claim, each with what is expected of the answer. */
import { expect } from 'chai';
import { ApplicationError } from '../../src/domain/errors.js';
import type { Deployment } from '../../src/domain/deployments/deployment.js';
import { update } from '../../src/domain/deployments/update.js';
import { cancel } from '../../src/domain/queue/cancel.js';
import { expire } from '../../src/domain/queue/expire.js';
import { caller } from '../support/stored.js';
import { requireSkips } from './claim-checks.js';
import type { Overriding, Scene } from './claim-knowledge.js';
import { environment } from './claim-service.js';
import type { Step } from './claim-steps.js';
import { requireTold } from './gate-checks.js';
import { inOneOrder } from './gates.js';
import type { ClosedGate } from './gates.js';

type Status = Extract<Step, { readonly do: 'patch' }>['status'];

/** What a pipeline does that knows nothing of leases. */
export async function patch(
  scene: Scene,
  id: string,
  status: Status,
  overriding?: Overriding,
): Promise<void> {
  const { service, known } = scene;
  const now = service.now();
  const before = await service.deployment(id);
  if (before === undefined) return;
  const events = await service.events(id);
  const closed = known.closedFor(before, now);
  // Of what has run out, somebody may not have taken note yet.
  const isOverdue = known.isOverdue(before, now);
  const from = isOverdue ? 'failed' : before.status;
  const command = {
    id,
    fields: { status },
    caller: overriding?.caller ?? caller,
    override: overriding && { reason: overriding.reason },
    precondition: () => undefined,
  };
  const answer = await service.changeOrRefusal(() => update(command, service.at(now)));
  if (status === 'in_progress') requireGates(scene, { from, id, now, closed, overriding }, answer);
  if (answer instanceof ApplicationError) return;
  expect(known.isHeld(id, now), 'only its holder changes the status').to.equal(false);
  if (isOverdue) known.gates.endAttempt(id);
  if (before.status !== status) known.waiting.delete(id);
  if (from === status) return;
  if (status === 'in_progress') {
    expect(known.settings.lease_required, 'a lease is required to start').to.equal(false);
    known.unleased.add(id);
    await requireTold(scene, id, closed, overriding?.reason);
    return;
  }
  if (status === 'scheduled') return;
  await requireTold(scene, id, closed);
  if (status !== 'deployed') return;
  const ranOut = events.findLast(({ to_status: to }) => to === 'failed')?.cause;
  const isLate = isOverdue || (from === 'failed' && ranOut === 'lease_expired');
  expect((await service.events(id)).at(-1)?.cause).to.equal(isLate ? 'late' : 'request');
  await requireSkips(scene, id);
}

/** A start without a claim. */
interface Start {
  readonly id: string;
  readonly from: Deployment['status'];
  readonly now: number;
  readonly closed: readonly ClosedGate[];
  readonly overriding: Overriding | undefined;
}

/** What could start without gates does so unless one is closed, which it is told. */
function requireGates(
  { known }: Scene,
  { id, from, now, closed, overriding }: Start,
  answer: unknown,
): void {
  const refusal = answer instanceof ApplicationError ? answer : undefined;
  if (overriding !== undefined && overriding.caller.role !== 'admin') {
    expect(refusal?.code, 'who may not override').to.equal('forbidden');
    return;
  }
  const isStartable = from === 'scheduled' || from === 'failed';
  if (!isStartable || known.isHeld(id, now) || known.settings.lease_required === true) return;
  const isStopped = closed.length > 0 && overriding === undefined;
  expect(refusal?.code, 'a start while gates are closed').to.equal(
    isStopped ? 'gate-closed' : undefined,
  );
  if (!isStopped) return;
  const { blockedBy = [] } = refusal?.details ?? {};
  expect(inOneOrder(blockedBy)).to.deep.equal(inOneOrder(closed));
}

/** What an operator does. */
export async function cancelOne({ service, known }: Scene, id: string): Promise<void> {
  const command = { environment, ids: [id], reason: null, caller };
  await service.change(() => cancel(command, service.at()));
  const held = known.held.get(id);
  if (held !== undefined) held.ended = true;
  // What has failed stays as it is, and so does who waits to try it again.
  if ((await service.deployment(id))?.status === 'cancelled') known.waiting.delete(id);
}

/** What the service does from time to time. */
export async function expireDue(scene: Scene): Promise<void> {
  const { service, known } = scene;
  const before = await service.deployments();
  const now = service.now();
  const late = await lateAt(scene, now);
  const { cancelled } = await service.change(() => expire(environment, service.at(now)));
  const after = new Map((await service.deployments()).map((each) => [each.id, each.status]));
  for (const [id, { expiresAt, ended }] of known.held) {
    // What was started again without a claim is nothing of its holder's.
    if (expiresAt > now || ended || known.unleased.has(id)) continue;
    expect(after.get(id), 'who lets a lease run out').not.to.equal('in_progress');
  }
  for (const deployment of before.filter((each) => known.isUnleased(each))) {
    const status = after.get(deployment.id);
    expect(status, 'what has no lease lets none run out').to.equal('in_progress');
  }
  const isSpared = ({ id }: Deployment): boolean => {
    const deployment = before.find((each) => each.id === id);
    return deployment !== undefined && known.closedFor(deployment, now).length > 0;
  };
  const ids = cancelled.map(({ deployment }) => deployment.id);
  const spared = before.filter(({ id }) => late.includes(id)).filter(isSpared);
  const due = late.filter((id) => !spared.some((each) => each.id === id));
  expect(ids.sort(), 'what has waited too long, with no gate closed').to.deep.equal(due.sort());
  for (const id of ids) known.waiting.delete(id);
  const still = await lateAt(scene, now);
  expect(still, 'time before a closed gate is not its own').to.deep.equal([]);
}

/** Those that have been claimed once, and have waited for too long. */
async function lateAt({ service, known }: Scene, now: number): Promise<string[]> {
  const { queue_ttl_seconds: seconds } = known.settings;
  const queue = await service.store.read({ read: 'queue', environment });
  if (seconds == null || queue === undefined) return [];
  return queue.waiting.flatMap(({ entry, status }) => {
    const isLate = Date.parse(entry.readySince) + seconds * 1000 <= now;
    return isLate && status === 'scheduled' ? [entry.id] : [];
  });
}
