/** What pipelines do that claim, or know nothing of claims; each act expects of its answer what the design says. */
import { expect } from 'chai';
import { create } from '../../src/domain/deployments/create.js';
import { rollback } from '../../src/domain/deployments/rollback.js';
import { update } from '../../src/domain/deployments/update.js';
import { cancel } from '../../src/domain/queue/cancel.js';
import { claim } from '../../src/domain/queue/claim.js';
import { expire } from '../../src/domain/queue/expire.js';
import { leave, release, renew } from '../../src/domain/queue/hold.js';
import { hashToken } from '../../src/domain/queue/lease.js';
import { deploymentBody } from '../support/deployments.js';
import { caller } from '../support/stored.js';
import { requireSkips } from './claim-checks.js';
import type { Scene } from './claim-knowledge.js';
import { environment } from './claim-service.js';
import type { Step } from './claim-steps.js';
import { report } from './holder-acts.js';
import { isClaimRefused, requireTurn } from './turns.js';

const waitSeconds = 30;
/** As the design has it, beside the wait. */
const keptSeconds = 30;

type StepOf<Do extends Step['do']> = Extract<Step, { readonly do: Do }>;

/** Registers a deployment; a pipeline that does waits for its turn. */
export async function register(scene: Scene, step: StepOf<'register'>): Promise<void> {
  const { service, known } = scene;
  const fields = {
    name: `component-${step.component}`,
    region: `region-${step.place}`,
    version: String(known.ids.length),
    auto: step.auto,
  };
  const { deployment } = await service.change(() =>
    create(deploymentBody(fields), caller, service.clock.newIdentity()),
  );
  known.ids.push(deployment.id);
  if (!step.auto) await claimById(scene, deployment.id, 60);
}

export async function rollBack(scene: Scene, step: StepOf<'rollback'>): Promise<void> {
  const { service, known } = scene;
  const { component, place, auto } = step;
  const { name, region } = { name: `component-${component}`, region: `region-${place}` };
  const { provider } = deploymentBody();
  const taxonomy = { organisation: caller.organisation, name, environment, provider, region };
  const selector = { taxonomy: { ...taxonomy, cloud_account_id: null, cell: null } };
  const made = await service.unlessRefused(() =>
    rollback({ selector, auto }, caller, service.clock.newIdentity()),
  );
  if (made === undefined) return;
  known.ids.push(made.deployment.id);
  if (!auto) await claimById(scene, made.deployment.id, 60);
}

/**
 * Claims a deployment.
 *
 * @param seconds of the lease
 * @param woken the call that has waited; absent for a new one
 */
export async function claimById(
  { service, known }: Scene,
  id: string,
  seconds: number,
  woken?: string,
): Promise<void> {
  const { call: next, token } = known.nextCall();
  const call = woken ?? next;
  const isFirst = woken === undefined;
  const now = service.now();
  const command = {
    id,
    caller,
    call,
    isFirst,
    waitSeconds,
    leaseSeconds: seconds,
    tokenHash: hashToken(token),
    request: undefined,
  };
  const view = known.isRacing ? undefined : known.view(await service.deployments(), now);
  const claimed = await service.unlessRefused(() => claim(command, service.at(now)));
  if (view !== undefined && isFirst) {
    expect(claimed === undefined, `${id} is refused`).to.equal(isClaimRefused(view, id));
  }
  if (claimed === undefined) {
    // As the service does it: who is refused while waiting gives the place up.
    if (isFirst) return;
    known.waiting.delete(id);
    await service.change(() => leave({ id, call }, service.at()));
    return;
  }
  if (claimed.lease === undefined) {
    if (isFirst) {
      const since = known.waits(id, now) ? (known.waiting.get(id)?.since ?? now) : now;
      const until = now + (waitSeconds + keptSeconds) * 1000;
      const isRetry = claimed.stored.deployment.status === 'failed';
      known.waiting.set(id, { call, since, until, isRetry });
    }
    expect(claimed.position.position, 'who waits has a position').to.be.a('number');
    return;
  }
  if (view !== undefined) requireTurn(view, id);
  known.waiting.delete(id);
  known.hold(claimed.lease, claimed.stored.deployment, token, now);
}

export async function giveUp({ service, known }: Scene, id: string): Promise<void> {
  const call = known.waiting.get(id)?.call ?? 'nobody';
  known.waiting.delete(id);
  await service.change(() => leave({ id, call }, service.at()));
}

/** Under a token that nobody was given nothing is to be had, and nothing changes. */
export async function intrude({ service }: Scene, id: string): Promise<void> {
  const before = await service.store.read({ read: 'deployment', id });
  const stranger = { id, caller, token: 'that of nobody' };
  expect(await service.change(() => release(stranger, service.at()))).to.have.property('lost');
  expect(await service.change(() => renew(stranger, service.at()))).to.have.property('lost');
  const status = {
    ...stranger,
    leaseToken: stranger.token,
    fields: { status: 'failed' },
  } as const;
  const answer = await service.unlessRefused(() =>
    update({ ...status, precondition: () => undefined }, service.at()),
  );
  if (answer !== undefined) expect(answer).to.have.property('lost');
  expect(await service.store.read({ read: 'deployment', id })).to.deep.equal(before);
}

/** A call that a later one has come after gets nothing, even if the turn is free when it looks. */
export async function overtake(scene: Scene, id: string): Promise<void> {
  const { service, known } = scene;
  const call = known.waiting.get(id)?.call;
  if (call === undefined || !known.waits(id, service.now())) return;
  await claimById(scene, id, 60);
  if (known.held.has(id)) return;
  for (const held of [...known.held.keys()]) await report(scene, held, 'failed');
  const tokenHash = hashToken('that of a call which is over');
  const command = { id, caller, call, isFirst: false, waitSeconds, leaseSeconds: 60, tokenHash };
  const claimed = await service.unlessRefused(() =>
    claim({ ...command, request: undefined }, service.at()),
  );
  expect(claimed?.lease, 'the newest call for a deployment is served').to.equal(undefined);
}

/** What a pipeline does that knows nothing of leases. */
export async function patch(
  scene: Scene,
  id: string,
  status: StepOf<'patch'>['status'],
): Promise<void> {
  const { service, known } = scene;
  const before = (await service.deployments()).find((one) => one.id === id);
  const events = await service.events(id);
  const isLive = known.isHeld(id, service.now());
  const command = { id, fields: { status }, caller, precondition: () => undefined };
  const answer = await service.unlessRefused(() => update(command, service.at()));
  if (isLive) expect(answer, 'only its holder changes the status').to.equal(undefined);
  if (answer === undefined || before === undefined) return;
  // Of what has run out, somebody may not have taken note yet.
  const isOverdue = before.status === 'in_progress' && !isLive && !known.isUnleased(before);
  const from = isOverdue ? 'failed' : before.status;
  if (before.status !== status) known.waiting.delete(id);
  if (from === status) return;
  if (status === 'in_progress') {
    expect(known.settings.lease_required, 'a lease is required to start').to.equal(false);
    known.unleased.add(id);
  }
  if (status !== 'deployed') return;
  const ranOut = events.findLast(({ to_status: to }) => to === 'failed')?.cause;
  const isLate = isOverdue || (from === 'failed' && ranOut === 'lease_expired');
  expect((await service.events(id)).at(-1)?.cause).to.equal(isLate ? 'late' : 'request');
  await requireSkips(scene, id);
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
export async function expireDue({ service, known }: Scene): Promise<void> {
  const unleased = (await service.deployments()).filter((each) => known.isUnleased(each));
  const now = service.now();
  await service.change(() => expire(environment, service.at(now)));
  const after = new Map((await service.deployments()).map((each) => [each.id, each.status]));
  for (const [id, { expiresAt, ended }] of known.held) {
    // What was started again without a claim is nothing of its holder's.
    if (expiresAt > now || ended || known.unleased.has(id)) continue;
    expect(after.get(id), 'who lets a lease run out').not.to.equal('in_progress');
  }
  for (const { id } of unleased) {
    expect(after.get(id), 'what has no lease lets none run out').to.equal('in_progress');
  }
}
