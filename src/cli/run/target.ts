import type { Deployment, DeploymentQueueClient } from '../../client/client.js';
import type { Environment } from '../environment.js';
import { UsageError } from '../failure.js';
import { buildOf } from '../github-event.js';
import { runKey } from '../github-job.js';
import { wholeId } from '../ids.js';
import { checkedInputs } from '../inputs.js';
import type { Given } from '../inputs.js';

/** What is to be carried out. */
export interface Target {
  readonly deployment: Deployment;
  /** Whether it is there for this run only: nobody else would start it. */
  readonly isOwn: boolean;
}

/** What says which deployment is meant. */
export interface Wanted {
  readonly id: string | undefined;
  /** Fields of one that is to be registered. */
  readonly given: Readonly<Record<string, Given>>;
  readonly idempotencyKey: string | undefined;
  readonly environment: Environment;
}

/**
 * Takes the deployment of an id, or registers one. In GitHub Actions a job that is run again takes up the one that it
 * registered before, so that a retry does not jump; one that was cancelled, as it is when its job is, is registered
 * anew.
 *
 * @returns what does so, once it has been checked before anything is sent
 * @throws UsageError
 */
export async function target({
  id,
  given,
  idempotencyKey,
  environment,
}: Wanted): Promise<(client: DeploymentQueueClient) => Promise<Target>> {
  if (id !== undefined) {
    if (Object.keys(given).length > 0 || idempotencyKey !== undefined) {
      throw new UsageError('name either --id, or --name, --version, --environment and so on');
    }
    return async (client) => {
      const { deployment } = await client.getDeployment(await wholeId(client, id));
      return { deployment, isOwn: false };
    };
  }
  const build = await buildOf(environment, given['commit_sha']);
  const { body } = checkedInputs('createDeployment', { ...build, ...given, auto: 'false' });
  return async (client) => {
    const key = idempotencyKey ?? runKey(environment, ['run', body]);
    const { deployment, replayed } = await client.createDeployment(body, { idempotencyKey: key });
    if (!replayed || idempotencyKey !== undefined) return { deployment, isOwn: true };
    // What it answers is as old as the first response.
    const present = (await client.getDeployment(deployment.id)).deployment;
    if (present.status !== 'cancelled') return { deployment: present, isOwn: true };
    const again = ['run', body, environment['GITHUB_RUN_ATTEMPT'] ?? null];
    const anew = await client.createDeployment(body, {
      idempotencyKey: runKey(environment, again),
    });
    return { deployment: anew.deployment, isOwn: true };
  };
}
