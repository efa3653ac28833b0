/** What people do about locks and freezes, each with what is expected of the answer. */
import { expect } from 'chai';
import { ApplicationError } from '../../src/domain/errors.js';
import { createFreeze, deleteFreeze } from '../../src/domain/gates/freezes.js';
import { createLock, releaseLock } from '../../src/domain/gates/locks.js';
import { approveOne, person } from './approval-acts.js';
import type { Scene } from './claim-knowledge.js';
import type { GateStep, Login } from './gate-steps.js';
import { scopes } from './gates.js';
import type { ModelGate } from './gates.js';

type StepOf<Do extends GateStep['do']> = Extract<GateStep, { readonly do: Do }>;
/** One of the gates is opened. */
type Opening = Extract<GateStep, { readonly which: number }>;

/** The number of a reason, so that each is another. */
const reasonOf = ({ known }: Scene): string => `reason ${known.gates.events.length}`;

export async function placeLock(scene: Scene, step: StepOf<'lock'>): Promise<void> {
  const { service, known } = scene;
  const scope = scopes[step.scope] ?? { said: {}, covers: () => true };
  const identity = service.clock.newIdentity();
  const from = Date.parse(identity.at);
  const until = step.seconds === null ? null : from + step.seconds * 1000;
  const reason = reasonOf(scene);
  const create = {
    scope: scope.said,
    reason,
    ...(step.stopsRollbacks && { allow: [] }),
    ...(until !== null && { expires_at: service.at(until) }),
  };
  const command = { caller: person(step.by), request: undefined };
  const { gate } = await service.change(() => createLock(command, create, identity));
  const allowsRollbacks = !step.stopsRollbacks;
  known.gates.close({
    kind: 'lock',
    id: gate.id,
    scope,
    allowsRollbacks,
    reason,
    owner: step.by,
    from,
    until,
  });
}

export async function createOneFreeze(scene: Scene, step: StepOf<'freeze'>): Promise<void> {
  const { service, known } = scene;
  const scope = scopes[step.scope] ?? { said: {}, covers: () => true };
  const identity = service.clock.newIdentity();
  const now = Date.parse(identity.at);
  const from = Math.floor(now / 1000) * 1000 + step.after * 1000;
  const until = from + step.seconds * 1000;
  const reason = reasonOf(scene);
  const create = {
    scope: scope.said,
    reason,
    time_zone: 'Etc/UTC',
    starts: service.at(from).slice(0, 19),
    ends: service.at(until).slice(0, 19),
    ...(step.stopsRollbacks && { allow: [] }),
  };
  const command = { caller: person(step.by), request: undefined };
  const answer = await service.changeOrRefusal(() => createFreeze(command, create, identity));
  const isOver = until <= now;
  expect(answer instanceof ApplicationError, 'a freeze that would be over is refused').to.equal(
    isOver,
  );
  if (answer instanceof ApplicationError) return;
  const { id } = answer.gate;
  const allowsRollbacks = !step.stopsRollbacks;
  known.gates.close({
    kind: 'freeze',
    id,
    scope,
    allowsRollbacks,
    reason,
    owner: step.by,
    from,
    until,
  });
}

/** Releases one of the locks, also one that is released already, or has expired. */
export async function releaseOne(scene: Scene, { which, by }: Opening): Promise<void> {
  const locks = scene.known.gates.all.filter(({ kind }) => kind === 'lock');
  const lock = locks[which % Math.max(1, locks.length)];
  if (lock !== undefined) await openGate(scene, lock, by);
}

/** Deletes one of the freezes that are not over. */
export async function thawOne(scene: Scene, { which, by }: Opening): Promise<void> {
  const { service, known } = scene;
  const freezes = known.gates.lasting('freeze', service.now());
  const freeze = freezes[which % Math.max(1, freezes.length)];
  if (freeze !== undefined) await openGate(scene, freeze, by);
}

async function openGate(scene: Scene, gate: ModelGate, by: Login): Promise<void> {
  const { service, known } = scene;
  const now = service.now();
  const isThere = known.gates.lasting(gate.kind, now).includes(gate);
  const reason = reasonOf(scene);
  const command = { id: gate.id, caller: person(by), reason };
  const answer = await service.changeOrRefusal(() =>
    (gate.kind === 'lock' ? releaseLock : deleteFreeze)(command, service.at(now)),
  );
  expect(answer === undefined, 'a gate is opened once').to.equal(isThere);
  if (isThere) known.gates.open(gate, { reason, owner: by });
}

/** Opens all that somebody has closed, and approves all that waits. */
export async function openAll(scene: Scene): Promise<void> {
  const { service, known } = scene;
  for (const kind of ['lock', 'freeze'] as const) {
    for (const gate of known.gates.lasting(kind, service.now()))
      await openGate(scene, gate, 'mona');
  }
  for (const { id, status } of await service.deployments()) {
    if (status !== 'scheduled') continue;
    for (const by of ['mona', 'hubot'] as const) await approveOne(scene, id, by);
  }
}
