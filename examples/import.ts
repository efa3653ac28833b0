/**
 * Brings deployments over from another service: those of a JSON file, an array as its list has it. It may be
 * run again within 24 hours, and goes on where it was. docs/COMING_FROM_THE_PYTHON_SERVICE.md says what is
 * kept.
 *
 *     export DEPLOYMENT_QUEUE_URL=https://deployments.example.com DEPLOYMENT_QUEUE_ORGANISATION=acme GITHUB_TOKEN=…
 *     FILE=deployments.json npx tsx examples/import.ts
 */
import { readFile } from 'node:fs/promises';
import { createClient, gitHubToken, noCredentials, ProblemError } from 'deployment-queue';
import type { DeploymentCreate, DeploymentStatus } from 'deployment-queue';

/** A deployment of the other service; what is not named here is left behind. */
interface Row extends Omit<DeploymentCreate, 'commit_at'> {
  readonly id: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly status: DeploymentStatus;
  readonly rollback_from_deployment_id?: string | null;
  readonly created_by_actor?: string | null;
}

const {
  DEPLOYMENT_QUEUE_URL: url = 'http://127.0.0.1:8000',
  DEPLOYMENT_QUEUE_ORGANISATION: organisation,
  GITHUB_TOKEN: token,
  FILE: file = 'deployments.json',
} = process.env;
const client = createClient({
  url,
  credentials:
    token === undefined ? noCredentials(organisation) : gitHubToken(token, organisation ?? ''),
});

// The service checks every field of it.
const rows = JSON.parse(await readFile(file, 'utf8')) as Row[];
rows.sort((a, b) => compare(a.created_at, b.created_at) || compare(a.id, b.id));

/** The rows that have a deployment here, by its id. */
const imported = new Map<string, Row>();

// All are registered before any is moved, oldest first, so that older and newer are as they were.
for (const row of rows) {
  try {
    const key = { idempotencyKey: `import-${row.id}` };
    const { deployment } = await client.createDeployment(registration(row), key);
    imported.set(deployment.id, row);
  } catch (error) {
    if (!(error instanceof ProblemError) || error.status !== 422) throw error;
    console.log(`Left out ${row.id} (${row.name} ${row.version}): ${error.message}`);
    process.exitCode = 1;
  }
}

// All that began are begun before any ends, so that none is skipped for one that was deployed later.
for (const [id, { status }] of imported) {
  if (status === 'scheduled') continue;
  const began = status === 'skipped' || status === 'cancelled' ? status : 'in_progress';
  await move(id, 'scheduled', began);
}

const rolledBack = new Set(
  rows.filter(({ status }) => status === 'deployed').map((row) => row.rollback_from_deployment_id),
);
const byEnd = [...imported].sort(([, a], [, b]) => compare(a.updated_at, b.updated_at));
for (const [id, row] of byEnd) {
  if (row.status !== 'deployed' && row.status !== 'failed') continue;
  await move(id, 'in_progress', row.status);
  // The links of a rollback stay behind; that this one was bad, the next rollback must know.
  if (rolledBack.has(row.id)) await move(id, 'deployed', 'failed');
}
console.log(`Brought over ${imported.size} of ${rows.length}`);

function registration(row: Row): DeploymentCreate {
  const origin = `Imported: ${row.id} of ${row.created_at}${row.created_by_actor ? ` by ${row.created_by_actor}` : ''}`;
  const { name, version, environment, provider, type } = row;
  return {
    ...{ name, version, environment, provider, type },
    cloud_account_id: row.cloud_account_id ?? null,
    region: row.region ?? null,
    cell: row.cell ?? null,
    auto: row.auto ?? true,
    commit_sha: row.commit_sha ?? null,
    description: row.description ?? null,
    notes: row.notes ? `${row.notes}\n${origin}` : origin,
    build_uri: row.build_uri ?? null,
    deployment_uri: row.deployment_uri ?? null,
    resource: row.resource ?? null,
    pipeline_extra_params: row.pipeline_extra_params ?? null,
  };
}

/** Moves a deployment on, unless an earlier run of this program has. */
async function move(id: string, from: DeploymentStatus, to: DeploymentStatus): Promise<void> {
  const { deployment, etag } = await client.getDeployment(id);
  if (deployment.status === from)
    await client.updateDeployment(id, { status: to }, { ifMatch: etag });
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
