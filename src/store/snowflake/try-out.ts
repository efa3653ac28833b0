import { randomUUID } from 'node:crypto';
import type { ChangeSet } from '../../domain/changes.js';
import { nextControls, noControls } from '../../domain/controls/controls.js';
import { changeOfState } from '../../domain/deployments/changes.js';
import type { Deployment, StoredDeployment } from '../../domain/deployments/deployment.js';
import { byRequest, recordEvent } from '../../domain/deployments/events.js';
import type { EventSource } from '../../domain/deployments/events.js';
import { defaultEnvironment } from '../../domain/environments/environment.js';
import type { QueueEntry } from '../../domain/queue/entries.js';
import type { Read, Reads } from '../../domain/reads.js';
import { createClock } from '../../platform/clock.js';
import { reasonOf } from '../../platform/logging.js';
import { createControlsCache } from '../controls-cache.js';
import { listStatement } from './deployments/list.js';
import { setChangeId } from './deployments/rows.js';
import { taxonomiesStatement } from './deployments/taxonomies.js';
import type { Link } from './driver.js';
import type { Statement } from './statement.js';
import type { TableKind } from './options.js';
import { abandon } from './outcome.js';
import { feedStatement, numberStatements } from './feed.js';
import { dueQueuesStatement } from './queue.js';
import { createSlice } from './slice.js';
import * as system from './system.js';
import { registerStatements, seenAsStatement, tenantStatement } from './tenants.js';
import { begin, changeStatements, rollback } from './write.js';

/**
 * Does what the service does, with values as long as they may be, and undoes it: the changes are one transaction
 * that is rolled back.
 *
 * @returns what is not possible, and why
 */
export async function tryOut(link: Link, tables: TableKind): Promise<string[]> {
  const faults: string[] = [];
  const attempt = async (what: string, work: Promise<unknown>): Promise<void> => {
    await work.catch((error: unknown) => faults.push(`${what}: ${reasonOf(error)}`));
  };
  const run = (statement: Statement) => link.query(statement);
  for (const read of Object.values(reads)) {
    const slice = createSlice(run, organisation, createControlsCache());
    await attempt(`reading ${read.read}`, slice.read([read]));
  }
  for (const [what, statement] of searches) await attempt(`reading ${what}`, run(statement));
  await attempt('storing changes', link.batch([begin, ...changes(tables), rollback]));
  // A transaction that failed is still open.
  await attempt('ending a transaction', link.query(rollback));
  return faults;
}

const long = (length: number): string => 'x'.repeat(length);
const { id, at } = createClock().newIdentity();
const organisation = long(255);

/** Every read, for something that is not there; one that is missing does not compile. */
const reads: { readonly [Name in keyof Reads]: Extract<Read, { readonly read: Name }> } = {
  deployment: { read: 'deployment', id },
  events: { read: 'events', id, after: 0, limit: 1 },
  lineage: { read: 'lineage', id },
  eventTo: { read: 'eventTo', id, status: 'deployed' },
  olderScheduled: { read: 'olderScheduled', than: id, unchangedSince: at, limit: 1 },
  skippingSince: { read: 'skippingSince', id },
  skippedBy: { read: 'skippedBy', id },
  replacedBy: { read: 'replacedBy', id },
  running: { read: 'running', place: { id } },
  pendingRollbacks: { read: 'pendingRollbacks', place: { id } },
  candidates: {
    read: 'candidates',
    place: { id },
    before: { deployed_at: at, created_at: at, id },
    otherThan: ['x'],
    limit: 1,
  },
  ofVersion: { read: 'ofVersion', place: { id }, version: 'x', limit: 1 },
  registeredBefore: { read: 'registeredBefore', before: { created_at: at, id }, limit: 1 },
  runningIn: { read: 'runningIn', keys: ['x'] },
  candidatesIn: { read: 'candidatesIn', keys: ['x'], limit: 1 },
  inProgressIn: { read: 'inProgressIn', keys: ['x'], limit: 1 },
  scheduledIn: { read: 'scheduledIn', keys: ['x'] },
  everDeployed: { read: 'everDeployed', versions: [{ key: 'x', version: 'x' }] },
  whereabouts: { read: 'whereabouts', name: 'x', environment: 'x', limit: 1 },
  rememberedResponse: { read: 'rememberedResponse', owner: 'x', key: 'x' },
  usage: { read: 'usage' },
  controls: { read: 'controls' },
  policyEvents: { read: 'policyEvents', name: 'x', after: 0, limit: 1 },
  gateEvents: { read: 'gateEvents', after: 0, limit: 1 },
  environments: { read: 'environments', after: 'x', limit: 1 },
  queue: { read: 'queue', id },
  queues: { read: 'queues', environments: ['x'] },
  ownEntries: { read: 'ownEntries', id },
  inProgress: { read: 'inProgress', within: { environment: 'x' } },
  autoScheduled: {
    read: 'autoScheduled',
    selector: { environment: 'x', name: 'x' },
    order: 'newest',
    approvals: 1,
    limit: 1,
  },
  nextFence: { read: 'nextFence' },
};

/** What else the service asks. */
const searches: readonly (readonly [what: string, Statement])[] = [
  [
    'deployments',
    listStatement(organisation, {
      filter: { status: ['scheduled', 'in_progress'], name: 'x' },
      after: { created_at: at, id },
      limit: 1,
    }),
  ],
  [
    'taxonomies',
    taxonomiesStatement(organisation, {
      filter: { provider: 'gcp' },
      after: { key: 'x', by: 'taxonomy' },
      limit: 1,
    }),
  ],
  ['feed', feedStatement(organisation, { from: { last: 1 }, limit: 1 })],
  ['depth', system.depthStatement],
  ['skipping', system.skippingStatement],
  ['due queues', dueQueuesStatement(at, 1)],
  ['organisations', system.organisationsStatement],
  ['a tenant', tenantStatement('1')],
  ['tenants', seenAsStatement('x')],
];

const deployment: Deployment = {
  id,
  created_at: at,
  updated_at: at,
  started_at: null,
  finished_at: null,
  deployed_at: null,
  organisation,
  name: long(255),
  version: long(255),
  environment: long(255),
  provider: 'azure',
  cloud_account_id: long(255),
  region: long(255),
  cell: null,
  type: 'data_pipeline',
  auto: true,
  commit_sha: long(64),
  commit_at: at,
  description: long(4096),
  notes: null,
  build_uri: long(2048),
  deployment_uri: null,
  resource: long(255),
  pipeline_extra_params: long(16_384),
  status: 'scheduled',
  trigger: 'rollback',
  source_deployment_id: id,
  rollback_from_deployment_id: id,
  created_by_repo: long(255),
  created_by_workflow: null,
  created_by_actor: long(255),
  approvals: [],
};

const source: EventSource = {
  actor: long(255),
  actor_id: '1',
  repository: long(255),
  repository_id: '1',
  workflow: null,
  ref: long(255),
  commit_sha: long(64),
  run_id: '1',
  run_attempt: '1',
};

const waiting = {
  key: 'x',
  place: 'x',
  createdAt: at,
  isRollback: false,
  isRetry: false,
  since: at,
  until: at,
  readySince: at,
  call: 'x',
};

/** Changes of every kind, each as it is stored: a deployment is registered, deployed, put back and removed. */
function changes(tables: TableKind): Statement[] {
  const registered: StoredDeployment = { deployment, revision: 1, baseId: id };
  const deployed: StoredDeployment = {
    ...registered,
    revision: 2,
    deployment: {
      ...deployment,
      status: 'deployed',
      started_at: at,
      finished_at: at,
      deployed_at: at,
      notes: long(4096),
      deployment_uri: long(2048),
    },
  };
  const event = (from: StoredDeployment | undefined, to: StoredDeployment) =>
    recordEvent(from, to, byRequest, source, at);
  const policy = { organisation, name: long(63), to: nextControls(noControls, {}, at) };
  const stored = { ...defaultEnvironment(long(255)), revision: 1 };
  const head = { organisation, stored, revision: 1, dueAt: at };
  const entry: QueueEntry = { kind: 'waiting', id, ...waiting };
  const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()];
  setChangeId(deployed, second);
  const sets: readonly (readonly [changeId: string, ChangeSet])[] = [
    [
      first,
      {
        deployments: { created: [registered] },
        events: [event(undefined, registered)],
        response: { owner: long(255), key: long(255), fingerprint: long(64), at, deployment },
        controlsAt: { organisation, revision: 0 },
        quota: { deployments: 1_000, bytes: 1_000_000 },
        queue: { from: 0, to: head, put: [entry], removed: [] },
        fence: 1,
      },
    ],
    [
      second,
      {
        deployments: { updated: [changeOfState(registered, deployed)] },
        events: [event(registered, deployed)],
        skipping: [{ deployed, since: at }],
        rolledBack: [deployed],
        controls: {
          ...policy,
          event: { ...source, revision: 1, type: 'created', occurred_at: at, scope: {}, rules: [] },
        },
      },
    ],
    [
      third,
      {
        doneSkipping: [{ id, since: at }],
        queue: { from: 1, to: { ...head, revision: 2, dueAt: null }, put: [], removed: [entry] },
        removedEvents: [{ deploymentId: id, upTo: 1 }],
        removed: [deployed],
      },
    ],
  ];
  return [
    ...sets.flatMap(([changeId, changes]) =>
      changeStatements(
        {
          id: changeId,
          organisation,
          changes,
          newTaxonomies: changes.deployments?.created ?? [],
        },
        tables,
      ).slice(1, -1),
    ),
    ...numberStatements(organisation),
    ...registerStatements({ id: '9'.repeat(19), login: long(39) }, organisation, at),
    ...system.responseRemoval(new Date(0).toISOString()),
    system.changeRemoval(new Date(0).toISOString()),
    abandon(randomUUID()),
  ];
}
