/**
 * What a program does with the client that openapi-generator makes for TypeScript and `fetch`.
 *
 *     node walk.js walk URL NAME
 *     node walk.js later URL ID
 */
import {
  BASE_PATH,
  Configuration,
  DeploymentsApi,
  ProblemFromJSON,
  ResponseError,
  RollbacksApi,
} from './deployments/index.js';
import type { Deployment, DeploymentUpdate } from './deployments/index.js';

const [command, basePath = '', argument = ''] = process.argv.slice(2);
const configuration = new Configuration({ basePath });
const deployments = new DeploymentsApi(configuration);
const rollbacks = new RollbacksApi(configuration);
const unknown = '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f';

const create = (version: string): Promise<Deployment> =>
  deployments.createDeployment({
    deploymentCreate: {
      name: argument,
      version,
      environment: 'production',
      provider: 'gcp',
      type: 'k8s',
      notes: 'canary',
    },
  });

const change = (id: string, deploymentUpdate: DeploymentUpdate): Promise<Deployment> =>
  deployments.updateDeployment({ id, deploymentUpdate });

/** What the problem details of a call that is refused say. */
async function problemOf(call: Promise<unknown>) {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ResponseError)) throw new Error('The call succeeded', { cause: error });
  const problem = ProblemFromJSON(await error.response.json());
  return {
    status: error.response.status,
    type: problem.type,
    parameter: problem.errors?.[0]?.parameter ?? null,
  };
}

/** The cursor of the next page, of a Link header (RFC 8288); undefined on the last page. */
function nextCursor(link: string | null): string | undefined {
  const [, target] = /<([^>]*)>; rel="next"/.exec(link ?? '') ?? [];
  if (target === undefined) return undefined;
  return new URL(target, basePath).searchParams.get('cursor') ?? undefined;
}

async function walk() {
  const first = await create('1.0.0');
  await change(first.id, { status: 'deployed' });
  const second = await create('2.0.0');
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await deployments.listDeploymentsRaw({ name: argument, limit: 1, cursor });
    pages.push((await page.value()).map(({ version }) => version));
    cursor = nextCursor(page.raw.headers.get('Link'));
  } while (cursor !== undefined);
  const deployed = await change(second.id, { status: 'deployed' });
  const rollback = await rollbacks.rollbackDeployment({ id: second.id });
  const events = await deployments.listDeploymentEvents({ id: second.id });
  const lineage = await rollbacks.getDeploymentLineage({ id: rollback.id });
  return {
    // A client that is told nothing calls the contract's server.
    base: BASE_PATH,
    created: {
      id: second.id,
      status: second.status,
      cell: second.cell,
      createdAt: second.createdAt.getTime(),
    },
    read: (await deployments.getDeployment({ id: second.id })).id,
    pages,
    deployed: deployed.status,
    cleared: (await change(second.id, { notes: null })).notes,
    rollback: {
      status: rollback.status,
      trigger: rollback.trigger,
      version: rollback.version,
      from: rollback.rollbackFromDeploymentId,
    },
    copiedFrom: lineage.copiedFrom.map(({ version }) => version),
    events: events.map(({ fromStatus, toStatus }) => [fromStatus, toStatus]),
    missing: await problemOf(deployments.getDeployment({ id: unknown })),
    invalid: await problemOf(deployments.listDeployments({ cursor: 'none' })),
  };
}

async function later() {
  const { status, provider, type, trigger } = await deployments.getDeployment({ id: argument });
  const [event] = await deployments.listDeploymentEvents({ id: argument });
  const problem = await problemOf(deployments.getDeployment({ id: unknown }));
  return { status, provider, type, trigger, cause: event?.cause, problem: problem.type };
}

console.log(JSON.stringify(command === 'walk' ? await walk() : await later()));
