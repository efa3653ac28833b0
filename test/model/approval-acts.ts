/** Who approves, rejects and overrides, each with what is expected of the answer. */
import { expect } from 'chai';
import type { Caller } from '../../src/domain/callers/caller.js';
import { approve as decideApproval, reject } from '../../src/domain/deployments/approve.js';
import { putEnvironment } from '../../src/domain/environments/change.js';
import { ApplicationError } from '../../src/domain/errors.js';
import { caller } from '../support/stored.js';
import { claimById } from './claim-acts.js';
import type { Scene } from './claim-knowledge.js';
import { environment } from './claim-service.js';
import type { GateStep, Login } from './gate-steps.js';
import { patch } from './status-acts.js';

type StepOf<Do extends GateStep['do']> = Extract<GateStep, { readonly do: Do }>;

/** A member of the organisation. */
export function person(login: Login): Caller {
  return {
    ...caller,
    actor: login,
    repository: null,
    workflow: null,
    source: 'pat',
    role: 'member',
  };
}

const owner: Caller = { ...caller, source: 'pat', role: 'admin' };

/** Sets how many people have to approve. */
export async function requireApprovals({ service, known }: Scene, people: number): Promise<void> {
  known.settings = { ...known.settings, required_approvals: people };
  const command = { name: environment, caller: owner, precondition: () => undefined };
  await service.change(() => putEnvironment(command, known.settings, service.at()));
}

export async function approve(scene: Scene, { who, by, isOpen }: StepOf<'approve'>): Promise<void> {
  const deployments = [...(await scene.service.deployments())].reverse();
  const chosen = isOpen
    ? deployments.filter(({ status }) => status === 'scheduled' || status === 'failed')
    : deployments;
  const one = chosen[who % Math.max(1, chosen.length)];
  if (one !== undefined) await approveOne(scene, one.id, by);
}

export async function approveOne({ service, known }: Scene, id: string, by: Login): Promise<void> {
  const before = await service.deployment(id);
  if (before === undefined) return;
  const command = { id, caller: person(by), reason: `looked at by ${by}` };
  const answer = await service.changeOrRefusal(() => decideApproval(command, service.at()));
  const isRefused = answer instanceof ApplicationError;
  const may = known.gates.mayApprove(before, by);
  expect(isRefused, `${by} approves what is ${before.status}`).to.equal(!may);
  if (isRefused) {
    expect(answer.code).to.equal('approval-not-allowed');
    return;
  }
  expect(answer.changed, 'twice by one person is once').to.equal(known.gates.approve(id, by));
  if (!answer.changed) return;
  const event = (await service.events(id)).at(-1);
  expect(event).to.include({ cause: 'approval', actor: by, reason: command.reason });
}

/** A rejection cancels what waits. */
export async function rejectOne({ service, known }: Scene, id: string, by: Login): Promise<void> {
  const before = await service.deployment(id);
  const command = { id, caller: person(by), reason: `rejected by ${by}` };
  const answer = await service.changeOrRefusal(() => reject(command, service.at()));
  const isRefused = answer instanceof ApplicationError;
  expect(isRefused, `${by} rejects what is ${before?.status ?? 'not there'}`).to.equal(
    before?.status !== 'scheduled',
  );
  if (isRefused) return;
  known.waiting.delete(id);
  expect((await service.deployment(id))?.status).to.equal('cancelled');
  const event = (await service.events(id)).at(-1);
  expect(event).to.include({ cause: 'rejection', actor: by, reason: command.reason });
}

/** Somebody starts a deployment whatever is closed, who may if that is an owner. */
export async function override(
  scene: Scene,
  id: string,
  { isOwner, how }: StepOf<'override'>,
): Promise<void> {
  const by = isOwner ? owner : person('mona');
  const overriding = { caller: by, reason: `overridden ${how}` };
  if (how === 'claim') await claimById(scene, id, 60, { override: overriding });
  else await patch(scene, id, 'in_progress', overriding);
}
