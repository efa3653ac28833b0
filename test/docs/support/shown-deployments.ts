import type { Deployment } from '../../../src/domain/deployments/deployment.js';
import type { QueuePosition } from '../../../src/client/client.js';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** By what sets each apart: its id's end, its age, and some of its fields. */
const rows: readonly (readonly [end: string, age: number, fields: Partial<Deployment>])[] = [
  ['9c3d2e1f', 4 * minute, { name: 'checkout', version: '1.5.0', status: 'scheduled' }],
  [
    'b57a0c44',
    9 * minute,
    { name: 'search-indexer', version: '2026.11.24', status: 'in_progress' },
  ],
  ['07e1f9a2', 2 * hour, { name: 'checkout', version: '1.4.0', status: 'deployed' }],
  [
    '5d88b6c1',
    3 * hour,
    { name: 'billing', version: '8.0.1-rc.3+build.20261124', status: 'failed' },
  ],
  [
    'e6f02b73',
    2 * day,
    { name: 'customer-notification-preferences', version: '0.12.7', status: 'cancelled' },
  ],
  ['41ac9d50', 400 * day, { name: 'checkout', version: '1.3.0', status: 'skipped' }],
];

const noGate = { gate_id: null, reason: null, owner: null };

/** Where the first of them stands, which waits for the second. @param now milliseconds since 1970 */
export function shownPosition(now: number): QueuePosition {
  const [, runs, deployed] = shownDeployments(now);
  const at = (ahead: number) => new Date(now + ahead).toISOString();
  return {
    position: 2,
    waiting_since: at(-4 * minute),
    blocked_by: [
      { ...noGate, kind: 'running', deployment_id: runs?.id ?? null, until: at(6 * minute - 1) },
      { ...noGate, kind: 'ahead', deployment_id: deployed?.id ?? null, until: null },
      {
        ...{ kind: 'lock', gate_id: '01a21547-d86c-7c3e-8f21-6a5bd04a8b63', deployment_id: null },
        ...{ owner: 'mona', reason: 'Moving to another cluster' },
        until: '2031-01-07T08:00:00.000Z',
      },
    ],
    holders: [
      {
        deployment_id: runs?.id ?? '',
        started_at: at(-9 * minute),
        until: at(6 * minute - 1),
        leased: true,
      },
    ],
    estimated_start_at: at(8 * minute - 1),
  };
}

/** Deployments as a service would list them, newest first. @param now milliseconds since 1970 */
export function shownDeployments(now: number): Deployment[] {
  return rows.map(([end, age, fields]) => {
    const created_at = new Date(now - age).toISOString();
    const time = (now - age).toString(16).padStart(12, '0');
    return {
      id: `${time.slice(0, 8)}-${time.slice(8)}-7c3e-8f21-6a5b${end}`,
      created_at,
      updated_at: created_at,
      started_at: null,
      finished_at: null,
      deployed_at: null,
      organisation: 'acme',
      name: 'checkout',
      version: '1.4.0',
      environment: 'production',
      provider: 'gcp',
      cloud_account_id: 'acme-production',
      region: 'europe-west1',
      cell: null,
      type: 'k8s',
      auto: true,
      commit_sha: '4f0c6b1c8f6f4c2a9f3d1e7b5a8c9d0e1f2a3b4c',
      commit_at: null,
      description:
        'Totals are rounded once, at the end, and not for each line; see the notes of the release.',
      notes: null,
      build_uri: 'https://github.com/acme/checkout/actions/runs/1001',
      deployment_uri: null,
      resource: null,
      pipeline_extra_params: null,
      status: 'scheduled',
      trigger: 'auto',
      source_deployment_id: null,
      rollback_from_deployment_id: null,
      created_by_repo: 'acme/checkout',
      created_by_workflow: null,
      approvals: [],
      created_by_actor: 'octocat',
      ...fields,
    };
  });
}
