/** What pipelines do that claim, or know nothing of claims; each act expects of its answer what the design says. */
import { expect } from 'chai';
import { create } from '../../src/domain/deployments/create.js';
import { rollback } from '../../src/domain/deployments/rollback.js';
import { update } from '../../src/domain/deployments/update.js';
import { ApplicationError } from '../../src/domain/errors.js';
import { claim } from '../../src/domain/queue/claim.js';
import { leave, release, renew } from '../../src/domain/queue/hold.js';
import { hashToken } from '../../src/domain/tokens.js';
import { deploymentBody } from '../support/deployments.js';
import { caller } from '../support/stored.js';
import type { Overriding, Scene } from './claim-knowledge.js';
import { environment } from './claim-service.js';
import type { Step } from './claim-steps.js';
import { requireBlockers, requireTold } from './gate-checks.js';
import { scopeOf } from './gates.js';
import { report } from './holder-acts.js';
import { isClaimRefused, requireTurn } from './turns.js';

const waitSeconds = 30;
/** As the design has it, beside the wait. */
const keptSeconds = 30;

type StepOf<Do extends Step['do']> = Extract<Step, { readonly do: Do }>;

/** Of the places, the last one is without a region. */
const regionOf = (place: number): string | null => (place === 2 ? null : `region-${place}`);

/** Registers a deployment; a pipeline that does waits for its turn. */
export async function register(scene: Scene, step: StepOf<'register'>): Promise<void> {
  const { service, known } = scene;
  const fields = {
    name: `component-${step.component}`,
    region: regionOf(step.place),
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
  const { component, place, auto, lock } = step;
  const { name, region } = { name: `component-${component}`, region: regionOf(place) };
  const { provider } = deploymentBody();
  const taxonomy = { organisation: caller.organisation, name, environment, provider, region };
  const selector = { taxonomy: { ...taxonomy, cloud_account_id: null, cell: null } };
  const identity = service.clock.newIdentity();
  const made = await service.unlessRefused(() =>
    rollback({ selector, auto, lock }, caller, identity),
  );
  if (made === undefined) return;
  const { deployment } = made;
  known.ids.push(deployment.id);
  if (lock) {
    known.gates.close({
      kind: 'lock',
      id: deployment.id,
      scope: scopeOf(deployment),
      allowsRollbacks: true,
      // As the notes begin, with the version alone.
      reason: `Rolled back from ${/^Rollback from (\S+) /.exec(deployment.notes ?? '')?.[1] ?? ''}`,
      owner: 'octocat',
      from: Date.parse(identity.at),
      until: null,
    });
  }
  if (!auto) await claimById(scene, deployment.id, 60);
}

/** What differs of a claim. */
interface ClaimOptions {
  /** The call that has waited; absent for a new one. */
  readonly woken?: string;
  /** Who starts it although gates are closed; of a call that has waited, the same. */
  readonly override?: Overriding | undefined;
}

/**
 * Claims a deployment.
 *
 * @param seconds of the lease
 */
export async function claimById(
  scene: Scene,
  id: string,
  seconds: number,
  { woken, override }: ClaimOptions = {},
): Promise<void> {
  const { service, known } = scene;
  const { call: next, token } = known.nextCall();
  const call = woken ?? next;
  const isFirst = woken === undefined;
  const now = service.now();
  const command = {
    id,
    caller: override?.caller ?? caller,
    override: override && { reason: override.reason },
    call,
    isFirst,
    waitSeconds,
    leaseSeconds: seconds,
    tokenHash: hashToken(token),
    request: undefined,
  };
  const view = known.isRacing ? undefined : known.view(await service.deployments(), now);
  const before = view?.deployments.find((each) => each.id === id);
  const closed = before && known.closedFor(before, now);
  const answer = await service.changeOrRefusal(() => claim(command, service.at(now)));
  if (override !== undefined && override.caller.role !== 'admin') {
    const code = answer instanceof ApplicationError ? answer.code : undefined;
    expect(code, 'who may not override').to.equal('forbidden');
    return;
  }
  const claimed = answer instanceof ApplicationError ? undefined : answer;
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
      known.waiting.set(id, { call, since, until, isRetry, override });
    }
    expect(claimed.position.position, 'who waits has a position').to.be.a('number');
    const stopping = override === undefined ? closed : [];
    if (stopping !== undefined) requireBlockers(claimed.position, stopping);
    return;
  }
  if (view !== undefined) requireTurn(view, id);
  known.waiting.delete(id);
  known.hold(claimed.lease, claimed.stored.deployment, token, now);
  if (closed !== undefined) await requireTold(scene, id, closed, override?.reason);
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
