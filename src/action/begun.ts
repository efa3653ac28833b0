import { appendFile } from 'node:fs/promises';
import type { Deployment } from '../client/client.js';
import type { Environment } from '../cli/environment.js';
import { fileEntry } from '../cli/github-job.js';

/** An attempt that a step has begun, whose outcome is to be reported when the job ends without. */
export interface Begun {
  readonly id: string;
  /** Tells the attempt from later ones of the same deployment. */
  readonly startedAt: string;
}

const separator = ' ';

/**
 * Remembers what has begun, for the step of this action that runs after the job.
 *
 * See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands, "Sending values to the
 * pre and post actions".
 */
export async function remember(environment: Environment, deployment: Deployment): Promise<void> {
  const { GITHUB_STATE: file } = environment;
  const { id, started_at: startedAt } = deployment;
  if (file && startedAt !== null) {
    await appendFile(file, fileEntry('begun', [id, startedAt].join(separator)));
  }
}

/** What the step has begun, if anything. */
export function begunBy(environment: Environment): Begun | undefined {
  const [id, startedAt] = environment['STATE_begun']?.split(separator) ?? [];
  return id === undefined || startedAt === undefined ? undefined : { id, startedAt };
}
