/** What must hold, whatever was done. */
import { expect } from 'chai';
import type { Deployment } from '../../src/domain/deployments/deployment.js';
import type { Knowledge, Scene } from './claim-knowledge.js';
import { capacityOf, goesBefore, groupOf, isHeldBack, taxonomyOf } from './turns.js';
import type { QueueView } from './turns.js';

/** How things stand after a step. */
interface State {
  readonly known: Knowledge;
  readonly deployments: readonly Deployment[];
  readonly now: number;
  readonly view: QueueView;
}

/** When all had gone whose turn it was, and when the service looks again. */
export interface Rest {
  readonly now: number;
  readonly againAt: string | null;
}

/** Expects what holds after each step, once all whose turn it is have gone. */
export async function requirePromises(
  { service, known }: Scene,
  { now, againAt }: Rest,
): Promise<void> {
  known.noteRanOut(now);
  const deployments = await service.deployments();
  known.noteEnds(deployments);
  if (known.settings.order === 'oldest') {
    expect(deployments.map(({ status }) => status)).not.to.include('skipped');
  }
  const state = { known, deployments, now, view: known.view(deployments, now) };
  requireRoom(state);
  requireReasons(state);
  requireWakening(state, againAt);
  for (const { id, approvals } of deployments) {
    const people = approvals.map(({ actor }) => actor);
    expect(people, 'approvals are of one attempt').to.deep.equal(known.gates.approvalsOf(id));
  }
}

/** Never more than `max_running` hold a place of a group, and never two of a taxonomy. */
function requireRoom({ known, deployments, now }: State): void {
  const byId = new Map(deployments.map((deployment) => [deployment.id, deployment]));
  const places = [...known.held].flatMap(([id, held]) => {
    const deployment = byId.get(id);
    return deployment !== undefined && held.expiresAt > now ? [deployment] : [];
  });
  const inGroup = (deployment: Deployment): string => groupOf(known.settings, deployment);
  for (const group of new Set(places.map(inGroup))) {
    const members = places.filter((deployment) => inGroup(deployment) === group);
    expect(members.length, `those that hold a place of ${group}`).to.be.at.most(
      capacityOf(known.settings),
    );
    const taxonomies = members.map(taxonomyOf);
    expect(new Set(taxonomies).size, 'of one taxonomy never two').to.equal(taxonomies.length);
  }
}

/** Who waits does so for a reason: something runs, or ended just now. */
function requireReasons(state: State): void {
  const { known, deployments, now } = state;
  // What one that is dead would have started keeps others waiting until it is known to be gone.
  const hasDead = [...known.workers.values()].some(({ dead, until }) => dead && until > now);
  if (hasDead) return;
  for (const waiting of deployments) {
    if (!isWanted(state, waiting)) continue;
    const group = groupOf(known.settings, waiting);
    const others = deployments.filter((other) => groupOf(known.settings, other) === group);
    const hasReason =
      isStopped(state, waiting) || isBusy(state, others) || isBuffered(state, waiting, others);
    expect(hasReason, `nobody waits while its turn is free: ${waiting.version}`).to.equal(true);
  }
}

/** A gate is closed for it, or for one before it where every version has its turn. */
function isStopped({ known, deployments, now, view }: State, waiting: Deployment): boolean {
  if (isHeldBack(view, waiting)) return true;
  if (known.settings.order !== 'oldest') return false;
  return deployments.some(
    (other) =>
      taxonomyOf(other) === taxonomyOf(waiting) &&
      isWanted({ known, now }, other) &&
      goesBefore(view, other, waiting) &&
      isHeldBack(view, other),
  );
}

/** Whoever waits before gates that open by the clock is looked at again by when the last one does. */
function requireWakening(state: State, againAt: string | null): void {
  const { known, deployments, now, view } = state;
  for (const waiting of deployments) {
    if (!isWanted(state, waiting) || !isHeldBack(view, waiting)) continue;
    const ends = known.closedFor(waiting, now).map(({ until }) => until);
    if (ends.includes(null)) continue;
    const last = ends.sort().at(-1) ?? '';
    expect((againAt ?? 'never') <= last, `${againAt ?? 'never'} is after ${last}`).to.equal(true);
  }
}

/** Whether somebody would start it. */
function isWanted(state: Pick<State, 'known' | 'now'>, deployment: Deployment): boolean {
  return isWork(state, deployment) || isClaimed(state, deployment);
}

function isWork(
  { known, now }: Pick<State, 'known' | 'now'>,
  { auto, status, region }: Deployment,
): boolean {
  const workers = [...known.workers.values()].filter(({ until }) => until > now);
  const isTaken = workers.some(({ selector }) => (selector.region ?? region) === region);
  return auto && status === 'scheduled' && isTaken;
}

function isClaimed(
  { known, now }: Pick<State, 'known' | 'now'>,
  { id, status }: Deployment,
): boolean {
  return known.waits(id, now) && (status === 'scheduled' || status === 'failed');
}

function isBusy({ known, now }: State, group: readonly Deployment[]): boolean {
  return group.some(
    (other) =>
      (other.status === 'in_progress' && !known.isPast(other, now)) ||
      (known.held.get(other.id)?.expiresAt ?? 0) > now,
  );
}

function isBuffered(
  { known, now }: State,
  { trigger }: Deployment,
  group: readonly Deployment[],
): boolean {
  const { buffer_seconds: buffer = 0 } = known.settings;
  return (
    trigger !== 'rollback' &&
    group.some(({ id }) =>
      [known.ended.get(id), known.ranOut.get(id)].some(
        (end = -Infinity) => end + buffer * 1000 > now,
      ),
    )
  );
}

/** Once one is deployed, nothing older waits, unless every version has its turn. */
export async function requireSkips({ service, known }: Scene, id: string): Promise<void> {
  if (known.settings.order === 'oldest') return;
  const deployments = await service.deployments();
  const deployed = deployments.findIndex((each) => each.id === id);
  const taxonomy = deployments
    .slice(deployed, deployed + 1)
    .map(taxonomyOf)
    .join('');
  const waiting = deployments
    .slice(deployed)
    .filter((each) => each.status === 'scheduled' && taxonomyOf(each) === taxonomy);
  expect(waiting.map(({ version }) => version)).to.deep.equal([]);
}

/** Nothing is lost: every change has its event. */
export async function requireEvents({ service, known }: Scene): Promise<void> {
  for (const id of known.ids) {
    const events = await service.events(id);
    const stored = await service.store.read({ read: 'deployment', id });
    expect(events.map(({ revision }) => revision)).to.deep.equal(
      Array.from({ length: stored?.revision ?? 0 }, (_, index) => index + 1),
    );
    expect(events.at(-1)?.to_status).to.equal(stored?.deployment.status);
  }
}
