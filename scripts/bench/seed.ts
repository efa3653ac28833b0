import { v7 as uuidv7 } from 'uuid';
import type { Deployment, StoredDeployment } from '../../src/domain/deployments/deployment.js';
import { firstState } from '../../src/domain/deployments/lifecycle.js';
import { packageFile } from '../../src/platform/package-file.js';
import { openDatabase } from '../../src/store/sqlite/database.js';
import type { Database } from '../../src/store/sqlite/database.js';
import { migrate } from '../../src/store/sqlite/migrate.js';
import { writeDeployments } from '../../src/store/sqlite/deployments/write.js';

/** How a service's file is filled: what this module exports, of this version or of another. */
export type Seed = Pick<
  typeof import('./seed.js'),
  'openSeeded' | 'sampleDeployment' | 'addDeployments' | 'addQueues' | 'addReleases'
>;

/** The tenant whose lists are measured. */
export const tenant = 'acme';

const providers = ['gcp', 'aws', 'azure'] as const;
const environments = ['production', 'staging', 'development'];
const firstInstant = Date.parse('2026-01-05T09:30:00.000Z');
let instants = 0;

/** Opens a file as the service would, with its present schema. */
export async function openSeeded(path: string): Promise<Database> {
  const database = openDatabase(path);
  await migrate(database, packageFile('sql/sqlite'));
  return database;
}

/** A deployment with every field that a pipeline usually fills. */
export function sampleDeployment(number: number, fields: Partial<Deployment>): StoredDeployment {
  const msecs = firstInstant + 1000 * (instants += 1);
  const at = new Date(msecs).toISOString();
  const status = fields.status ?? (number % 50 === 0 ? 'scheduled' : 'skipped');
  const deployedAt = status === 'deployed' ? at : null;
  const deployment: Deployment = {
    id: uuidv7({ msecs }),
    created_at: at,
    updated_at: at,
    started_at: deployedAt,
    finished_at: deployedAt,
    deployed_at: deployedAt,
    organisation: tenant,
    name: `component-${number % 50}`,
    version: `1.${number}.0`,
    environment: environments[number % 3] ?? 'production',
    provider: providers[number % 3] ?? 'gcp',
    cloud_account_id: 'acme-prod',
    region: 'europe-west1',
    cell: null,
    type: 'k8s',
    auto: true,
    commit_sha: '4f0c6b1c8f6f4c2a9f3d1e7b5a8c9d0e1f2a3b4c',
    commit_at: at,
    description: 'Faster basket, and a new payment provider behind a flag',
    notes: 'Watch the error rate for ten minutes',
    build_uri: `https://github.com/acme/checkout/actions/runs/${number}`,
    deployment_uri: 'https://console.cloud.google.com/run/detail/europe-west1/checkout',
    resource: 'deployment/checkout',
    pipeline_extra_params: '{"canary": 10}',
    status,
    trigger: 'auto',
    source_deployment_id: null,
    rollback_from_deployment_id: null,
    created_by_repo: 'acme/checkout',
    created_by_workflow: 'release',
    created_by_actor: 'octocat',
    approvals: [],
    ...fields,
  };
  return firstState(deployment);
}

/** Stores deployments in one transaction, and returns their ids in order. */
export async function addDeployments(
  database: Database,
  created: readonly StoredDeployment[],
): Promise<string[]> {
  await database.transaction(() => {
    writeDeployments(database, { created });
  });
  return created.map(({ deployment }) => deployment.id);
}

/**
 * Places in which one deployment is to be released while older ones wait.
 *
 * @returns the id of the newest of each place
 */
export async function addQueues(
  database: Database,
  count: number,
  waiting: number,
): Promise<string[]> {
  const created: StoredDeployment[] = [];
  for (let place = 0; place < count; place += 1) {
    const cell = `queue-${(instants += 1)}`;
    for (let number = 0; number <= waiting; number += 1) {
      created.push(sampleDeployment(0, { cell, version: String(number), status: 'scheduled' }));
    }
  }
  const ids = await addDeployments(database, created);
  return ids.filter((_id, index) => index % (waiting + 1) === waiting);
}

/**
 * Places in which a version was deployed over an earlier one.
 *
 * @returns the query of a rollback of each place
 */
export async function addReleases(database: Database, count: number): Promise<string[]> {
  const created: StoredDeployment[] = [];
  for (let place = 0; place < count; place += 1) {
    const cell = `release-${(instants += 1)}`;
    for (const version of ['1.0.0', '1.1.0']) {
      created.push(sampleDeployment(0, { cell, version, status: 'deployed' }));
    }
  }
  await addDeployments(database, created);
  return created.flatMap(({ deployment }, index) => {
    const { name, environment, provider, cloud_account_id, region, cell } = deployment;
    const taxonomy = { name, environment, provider, cloud_account_id, region, cell };
    return index % 2 === 0
      ? [new URLSearchParams(taxonomy as Record<string, string>).toString()]
      : [];
  });
}
