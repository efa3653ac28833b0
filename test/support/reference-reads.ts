/**
 * What each read gives, told a second time and in the plainest way: over all that a tenant has. Tests of
 * decisions run on it, and every store is held to it.
 */
import type { Decided, Decision } from '../../src/domain/decision.js';
import type {
  DeploymentEvent,
  DeploymentStatus,
  StoredDeployment,
} from '../../src/domain/deployments/deployment.js';
import { compareAge } from '../../src/domain/deployments/order.js';
import type { Position } from '../../src/domain/deployments/order.js';
import { maxCounted } from '../../src/domain/deployments/reads.js';
import type {
  DeployedPosition,
  Place,
  TaxonomyPage,
  TaxonomyQuery,
} from '../../src/domain/deployments/reads.js';
import { taxonomyKey } from '../../src/domain/deployments/taxonomy.js';
import type { Taxonomy } from '../../src/domain/deployments/taxonomy.js';
import type { RememberedResponse } from '../../src/domain/idempotency/idempotency.js';
import { defaultEnvironment } from '../../src/domain/environments/environment.js';
import { gatesName, noControls } from '../../src/domain/controls/controls.js';
import type { Controls, ControlsChange } from '../../src/domain/controls/controls.js';
import type { GateEvent } from '../../src/domain/gates/gate.js';
import type { PolicyEvent } from '../../src/domain/policies/policy.js';
import type { QueueEntry, QueueHead } from '../../src/domain/queue/entries.js';
import type { Read, Reads } from '../../src/domain/reads.js';
import { bytesOf } from '../../src/domain/usage/usage.js';
import { runDecision } from '../../src/store/decision-runner.js';

/** All that a tenant has. */
export interface World {
  readonly deployments: readonly StoredDeployment[];
  readonly events?: ReadonlyMap<string, readonly DeploymentEvent[]>;
  /** Since when which deployments are skipping older ones. */
  readonly skipping?: ReadonlyMap<string, string>;
  /** The states in which deployments had been deployed that were rolled back from. */
  readonly rolledBack?: readonly StoredDeployment[];
  readonly responses?: ReadonlyMap<string, RememberedResponse>;
  readonly controls?: Controls;
  readonly controlsChanges?: readonly ControlsChange[];
  /** The queues, by environment. */
  readonly queues?: ReadonlyMap<string, QueueState>;
  /** The fence that was given out last. */
  readonly fence?: number;
}

/** The state of a queue. */
export interface QueueState {
  readonly head: QueueHead;
  readonly entries: readonly QueueEntry[];
}

/** Runs a decision over all that a tenant has. */
export function decideOver<Result>(
  world: World,
  decision: Decision<Result> | Decided<Result>,
): Decided<Result> {
  return runDecision(decision, (read) => referenceRead(world, read));
}

/** What a read gives. */
export function referenceRead(world: World, read: Read): unknown {
  const answer = answers[read.read] as (world: World, of: Read) => unknown;
  return answer(world, read);
}

function controlEvents({ controlsChanges = [] }: World, name: string, after: number) {
  return controlsChanges
    .filter((change) => change.name === name && change.event.revision > after)
    .map(({ event }) => event);
}

const answers: {
  readonly [Name in keyof Reads]: (world: World, of: Reads[Name]['of']) => Reads[Name]['gives'];
} = {
  deployment: find,
  events: ({ events }, { id, after, limit }) =>
    (events?.get(id) ?? []).filter(({ revision }) => revision > after).slice(0, limit),
  eventTo: ({ events }, { id, status }) =>
    events?.get(id)?.findLast(({ to_status: to }) => to === status),
  lineage: ({ deployments }) => deployments.map(({ deployment }) => deployment),
  olderScheduled: (world, { than, unchangedSince = '~', limit }) => {
    const newer = find(world, { id: than });
    return newestFirst(members(world, { id: than }))
      .reverse()
      .filter(({ deployment }) => newer !== undefined && isOlder(deployment, newer.deployment))
      .filter(({ deployment }) => deployment.status === 'scheduled')
      .filter(({ deployment }) => deployment.updated_at <= unchangedSince)
      .slice(0, limit);
  },
  skippingSince: ({ skipping }, { id }) => skipping?.get(id),
  skippedBy: (world, { id }) => {
    const older = find(world, { id });
    return newestFirst(members(world, { id })).findLast(({ deployment }) => {
      const since = world.skipping?.get(deployment.id);
      return (
        older !== undefined &&
        since !== undefined &&
        since >= older.deployment.updated_at &&
        isOlder(older.deployment, deployment)
      );
    });
  },
  replacedBy: (world, { id }) => {
    const replaced = find(world, { id })?.deployment.rollback_from_deployment_id ?? '';
    return find(world, { id: replaced });
  },
  running: (world, { place }) =>
    running(world, place).map((stored) => {
      const base = stored.baseId === null ? stored : find(world, { id: stored.baseId });
      return {
        stored,
        baseDeployedAt: base?.deployment.deployed_at ?? stored.deployment.deployed_at,
      };
    }),
  pendingRollbacks: (world, { place }) =>
    running(world, place).flatMap(
      (from) =>
        newestFirst(members(world, place)).find(
          ({ deployment }) =>
            deployment.rollback_from_deployment_id === from.deployment.id &&
            deployment.status === 'scheduled',
        ) ?? [],
    ),
  candidates: (world, { place, before, otherThan, limit }) =>
    lastDeployedFirst(members(world, place))
      .filter(({ deployment }) => deployment.status === 'deployed')
      .filter(
        ({ deployment }) => before === undefined || positionOf(deployment) < positionOf(before),
      )
      .filter(({ deployment }) => !otherThan.includes(deployment.version))
      .slice(0, limit)
      .map((stored) => ({ stored, foundBadAt: foundBadAt(world, stored) })),
  ofVersion: (world, { place, version, limit }) =>
    newestFirst(members(world, place))
      .filter(({ deployment }) => deployment.deployed_at !== null)
      .filter(({ deployment }) => deployment.version === version)
      .slice(0, limit),
  runningIn: (world, { keys }) => byKey(keys, (key) => answers.running(world, { place: { key } })),
  candidatesIn: (world, { keys, limit }) =>
    byKey(keys, (key) => answers.candidates(world, { place: { key }, otherThan: [], limit })),
  inProgressIn: (world, { keys, limit }) =>
    byKey(keys, (key) => withStatus(world, key, 'in_progress').slice(0, limit)),
  scheduledIn: (world, { keys }) =>
    byKey(keys, (key) => {
      const all = withStatus(world, key, 'scheduled');
      const counted = all.slice(0, maxCounted);
      const rollback = counted.findLast(({ deployment }) => deployment.trigger === 'rollback');
      const ends = [all.slice(0, 1), all.slice(-1), rollback ?? []].flat();
      return { count: counted.length, ends: [...new Set(ends)] };
    }),
  everDeployed: (world, { versions }) =>
    versions.filter(({ key, version }) =>
      members(world, { key }).some(
        ({ deployment }) => deployment.version === version && deployment.deployed_at !== null,
      ),
    ),
  whereabouts: ({ deployments }, { name, environment, limit }) => {
    const places = newestFirst(deployments)
      .map(({ deployment }) => deployment)
      .filter((deployment) => deployment.name === name && deployment.environment === environment)
      .map(({ provider, cloud_account_id, region, cell }) => ({
        provider,
        cloud_account_id,
        region,
        cell,
      }));
    return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()].slice(
      0,
      limit,
    );
  },
  registeredBefore: (world, { before, limit }) => {
    const { deployments, skipping } = world;
    const isHeld = (id: string) =>
      skipping?.has(id) === true ||
      deployments.some(
        ({ deployment: { source_deployment_id: source, rollback_from_deployment_id: from } }) =>
          source === id || from === id,
      );
    return newestFirst(deployments)
      .filter(({ deployment }) => isOlder(deployment, before))
      .slice(0, limit)
      .map((stored) => ({ stored, held: isHeld(stored.deployment.id) }));
  },
  usage: ({ deployments }) => ({
    deployments: deployments.length,
    bytes: deployments.map(bytesOf).reduce((sum, bytes) => sum + bytes, 0),
  }),
  controls: ({ controls = noControls }) => controls,
  policyEvents: (world, { name, after, limit }) =>
    // The changes of a policy's name have its events, and those of gates have theirs.
    controlEvents(world, name, after).slice(0, limit) as PolicyEvent[],
  gateEvents: (world, { after, limit }) =>
    controlEvents(world, gatesName, after).slice(0, limit) as GateEvent[],
  rememberedResponse: ({ responses }, { owner, key }) => responses?.get(`${owner} ${key}`),
  environments: ({ queues = new Map<string, QueueState>() }, { after, limit }) =>
    [...queues.values()]
      .map(({ head }) => head.stored)
      .filter(({ environment, revision }) => revision > 0 && environment.environment > after)
      .sort((a, b) => compare(a.environment.environment, b.environment.environment))
      .slice(0, limit),
  queue: (world, of) => {
    const environment =
      'environment' in of ? of.environment : find(world, of)?.deployment.environment;
    if (environment === undefined) return undefined;
    const { head, entries } = queueOf(world, environment);
    return {
      head,
      waiting: entries.flatMap((entry) =>
        entry.kind === 'waiting'
          ? [{ entry, status: find(world, entry)?.deployment.status ?? null }]
          : [],
      ),
      leases: entries.filter((entry) => entry.kind === 'lease'),
      turns: entries.flatMap((entry) =>
        entry.kind === 'started' || entry.kind === 'ended' ? [entry] : [],
      ),
      workers: entries.filter((entry) => entry.kind === 'worker'),
    };
  },
  autoScheduled: ({ deployments }, { selector, order, approvals, limit }) => {
    const byAge = newestFirst(deployments).filter(
      ({ deployment }) =>
        deployment.status === 'scheduled' &&
        deployment.auto &&
        (deployment.trigger === 'rollback' || deployment.approvals.length >= approvals) &&
        Object.entries(selector).every(
          ([part, value]) => deployment[part as keyof typeof selector] === value,
        ),
    );
    if (order === 'oldest') byAge.reverse();
    const firsts = new Map<string, StoredDeployment>();
    for (const stored of byAge) {
      const { deployment } = stored;
      const name = `${taxonomyKey(deployment)} ${String(deployment.trigger === 'rollback')}`;
      if (!firsts.has(name)) firsts.set(name, stored);
    }
    return newestFirst([...firsts.values()])
      .reverse()
      .slice(0, limit);
  },
  queues: (world, { environments }) =>
    environments.flatMap((environment) => answers.queue(world, { environment }) ?? []),
  ownEntries: (world, { id }) => {
    const environment = find(world, { id })?.deployment.environment;
    if (environment === undefined) return undefined;
    const { head, entries } = queueOf(world, environment);
    const own = entries.filter((entry) => entry.id === id);
    return {
      head,
      waiting: own.find((entry) => entry.kind === 'waiting'),
      lease: own.find((entry) => entry.kind === 'lease'),
    };
  },
  inProgress: (world, { within }) =>
    newestFirst(
      'key' in within
        ? members(world, within)
        : world.deployments.filter(
            ({ deployment }) => deployment.environment === within.environment,
          ),
    )
      .reverse()
      .filter(({ deployment }) => deployment.status === 'in_progress'),
  nextFence: ({ fence = 0 }) => fence + 1,
};

function byKey<Result>(keys: readonly string[], read: (key: string) => Result) {
  return new Map(keys.map((key) => [key, read(key)]));
}

function withStatus(world: World, key: string, status: DeploymentStatus): StoredDeployment[] {
  return newestFirst(members(world, { key })).filter(
    ({ deployment }) => deployment.status === status,
  );
}

function queueOf({ deployments, queues }: World, environment: string): QueueState {
  const organisation = deployments[0]?.deployment.organisation ?? 'acme';
  const stored = defaultEnvironment(environment);
  return (
    queues?.get(environment) ?? {
      head: { organisation, stored, revision: 0, dueAt: null },
      entries: [],
    }
  );
}

function find({ deployments }: World, { id }: { readonly id: string }) {
  return deployments.find(({ deployment }) => deployment.id === id);
}

function members(world: World, place: Place): StoredDeployment[] {
  const named = 'id' in place ? find(world, place)?.deployment : undefined;
  const key = 'key' in place ? place.key : named && taxonomyKey(named);
  return world.deployments.filter(({ deployment }) => taxonomyKey(deployment) === key);
}

function running(world: World, place: Place): StoredDeployment[] {
  const all = newestFirst(members(world, place));
  const inProgress = all.filter(({ deployment }) => deployment.status === 'in_progress');
  const over: readonly DeploymentStatus[] = ['deployed', 'failed', 'cancelled'];
  const ended = all
    .filter(({ deployment }) => over.includes(deployment.status) && deployment.started_at !== null)
    .sort((a, b) => compare(endOf(b), endOf(a)));
  return [...inProgress.slice(0, 1), ...ended.slice(0, 1)];
}

function endOf({
  deployment: { finished_at: at, created_at: created, id },
}: StoredDeployment): string {
  return `${at ?? ''} ${created} ${id}`;
}

/** When the last of its version that was rolled back from had been deployed. */
function foundBadAt({ rolledBack = [] }: World, { deployment }: StoredDeployment) {
  return rolledBack
    .map((state) => state.deployment)
    .filter((bad) => bad.version === deployment.version)
    .filter((bad) => taxonomyKey(bad) === taxonomyKey(deployment))
    .map((bad) => bad.deployed_at ?? '')
    .sort()
    .at(-1);
}

function isOlder(a: Position, b: Position): boolean {
  return compareAge(a, b) < 0;
}

function positionOf(
  at: Pick<DeployedPosition, 'created_at' | 'id'> & { deployed_at: string | null },
) {
  return `${at.deployed_at ?? ''} ${at.created_at} ${at.id}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function newestFirst(stored: readonly StoredDeployment[]): StoredDeployment[] {
  return [...stored].sort((a, b) => compareAge(b.deployment, a.deployment));
}

function lastDeployedFirst(stored: readonly StoredDeployment[]): StoredDeployment[] {
  return [...stored].sort((a, b) => compare(positionOf(b.deployment), positionOf(a.deployment)));
}

/** What a page of taxonomies holds, of all that there are. */
export function referenceTaxonomies(
  deployments: readonly Taxonomy[],
  { filter, after, limit }: TaxonomyQuery,
): TaxonomyPage {
  const all = [...new Map(deployments.map((each) => [taxonomyKey(each), each])).values()];
  const start = all.find((taxonomy) => taxonomyKey(taxonomy) === after?.key);
  const parts = (taxonomy: Taxonomy): Buffer[] => {
    const { environment, name, region, cell, provider, cloud_account_id: account } = taxonomy;
    const component = [name, region ?? '', cell ?? ''];
    const compared =
      after?.by === 'component' ? component : [environment, ...component, provider, account ?? ''];
    return compared.map((part) => Buffer.from(part));
  };
  const found = all
    .filter((taxonomy) =>
      Object.entries(filter).every(([part, value]) => taxonomy[part as keyof Taxonomy] === value),
    )
    .filter((taxonomy) => start === undefined || compareParts(parts(taxonomy), parts(start)) > 0)
    .sort((a, b) => compareParts(orderOf(a), orderOf(b)))
    .map(({ organisation, environment, name, region, cell, provider, cloud_account_id }) => ({
      organisation,
      environment,
      name,
      region,
      cell,
      provider,
      cloud_account_id,
    }));
  return { taxonomies: found.slice(0, limit), more: found.length > limit };
}

function orderOf({ environment, name, region, cell, provider, cloud_account_id }: Taxonomy) {
  const parts = [environment, name, region, cell, provider, cloud_account_id];
  return parts.map((part) => Buffer.from(part ?? ''));
}

/** By the bytes of UTF-8, part by part. */
function compareParts(a: readonly Buffer[], b: readonly Buffer[]): number {
  const differences = a.map((part, nth) => part.compare(b[nth] ?? Buffer.of()));
  return differences.find((difference) => difference !== 0) ?? 0;
}
