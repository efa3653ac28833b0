import type { Caller } from '../../../domain/callers/caller.js';
import { create } from '../../../domain/deployments/create.js';
import type { DeploymentCreate, DeploymentStatus } from '../../../domain/deployments/deployment.js';
import { rollback } from '../../../domain/deployments/rollback.js';
import { update } from '../../../domain/deployments/update.js';
import { once } from '../../../domain/idempotency/once.js';
import { withinQuota } from '../../../domain/usage/quota.js';
import { createClock } from '../../../platform/clock.js';
import type { Store } from '../../store.js';
import type { Statement } from '../statement.js';
import { tableOf } from './bench.js';
import type { Section } from './bench.js';
import type { Recorded } from './recorder.js';

/** Whose deployments these are; nobody's, since they are in a schema of the probe's own. */
const organisation = 'probe';
const caller: Caller = {
  organisation,
  actor: 'probe',
  repository: `${organisation}/probe`,
  workflow: 'probe',
  source: 'development',
};
const place: Omit<DeploymentCreate, 'version'> = {
  name: 'probe',
  environment: 'production',
  provider: 'gcp',
  type: 'k8s',
};
const quota = { deployments: 1e9, bytes: 1e12 };
const clock = createClock();

/** The service's operations, in an order in which each finds what it needs. */
function operationsOf(store: Store): readonly (readonly [string, () => Promise<unknown>])[] {
  const tenant = store.for(organisation);
  const key = clock.newIdentity().id;
  let id = '';
  const register = (idempotent: boolean): Promise<unknown> => {
    const request = { owner: 'repository probe', key, fingerprint: 'probe', at: clock.now() };
    return tenant
      .change('createDeployment', () =>
        once(idempotent ? request : undefined, { caller, action: 'register' }, () => {
          const identity = clock.newIdentity();
          const body = { ...place, version: identity.id };
          return withinQuota(quota, create(body, caller, identity));
        }),
      )
      .then(({ stored }) => (id = stored.deployment.id));
  };
  const move = (status: DeploymentStatus): Promise<unknown> => {
    const command = { id, fields: { status }, caller, precondition: () => undefined };
    return tenant.change('updateDeployment', () => update(command, clock.now()));
  };
  return [
    ['create', () => register(false)],
    ['create with a key', () => register(true)],
    ['create with a key, repeated', () => register(true)],
    ['patch to deployed, skipping one', () => move('deployed')],
    ['patch that changes nothing', () => move('deployed')],
    ['create, to be deployed', () => register(false)],
    ['patch to deployed', () => move('deployed')],
    [
      'rollback',
      () =>
        tenant.change('rollback', () =>
          withinQuota(quota, rollback({ selector: { id } }, caller, clock.newIdentity())),
        ),
    ],
    ['get', () => tenant.read({ read: 'deployment', id })],
    ['list', () => tenant.read({ read: 'deployments', filter: {}, limit: 20 })],
    [
      'list by filters',
      () =>
        tenant.read({
          read: 'deployments',
          filter: { name: place.name, environment: place.environment, status: ['scheduled'] },
          limit: 20,
        }),
    ],
    ['events', () => tenant.read({ read: 'events', id, after: 0, limit: 100 })],
    ['lineage', () => tenant.read({ read: 'lineage', id })],
    ['what is stored', () => tenant.read({ read: 'usage' })],
    [
      'register a tenant',
      () => store.tenants.register({ id: '1', login: 'probe' }, 'probe', clock.now()),
    ],
    ['find a tenant', () => store.tenants.find('1')],
    ['depth of the queue', () => store.system.depth()],
    ['readiness', () => store.check()],
    ['remove old keys', () => store.system.removeExpiredResponses('2000-01-01T00:00:00.000Z')],
  ];
}

/** How long each operation takes, and which statements it sends. */
export interface Timed {
  readonly section: Section;
  /** Each statement once, with the operation that sent it first. */
  readonly statements: readonly { readonly operation: string; readonly statement: Statement }[];
}

/**
 * Runs the service's operations some times.
 *
 * @param requests gets what is sent meanwhile
 */
export async function timeOperations(
  store: Store,
  requests: Recorded[],
  rounds: number,
): Promise<Timed> {
  const times = new Map<string, { readonly ms: number[]; readonly sent: number[] }>();
  const seen = new Map<string, { operation: string; statement: Statement }>();
  for (let round = 0; round < rounds; round += 1) {
    for (const [operation, run] of operationsOf(store)) {
      requests.length = 0;
      const started = performance.now();
      await run();
      const row = times.get(operation) ?? { ms: [], sent: [] };
      row.ms.push(performance.now() - started);
      row.sent.push(requests.length);
      times.set(operation, row);
      for (const statement of requests.flatMap(({ statements }) => statements))
        if (!seen.has(statement.sql)) seen.set(statement.sql, { operation, statement });
    }
  }
  const rows = [...times].map(([operation, { ms, sent }]) => {
    const sorted = ms.map(Math.round).sort((one, other) => one - other);
    const middle = sorted[Math.floor(sorted.length / 2)];
    return [operation, Math.max(...sent), Math.round(ms[0] ?? 0), middle, sorted.at(-1)];
  });
  const head = ['operation', 'requests', 'first, ms', 'median, ms', 'slowest, ms'];
  return {
    section: ['## Time of each operation', '', `${rounds} rounds.`, '', ...tableOf(head, rows)],
    statements: [...seen.values()],
  };
}
