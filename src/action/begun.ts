import { appendFile } from 'node:fs/promises';
import type { Deployment } from '../client/client.js';
import { variable } from '../cli/environment.js';
import type { Environment } from '../cli/environment.js';
import { fileEntry } from '../cli/github-job.js';

/** An attempt that a step has begun, whose outcome is to be reported when the job ends without. */
export interface Begun {
  readonly id: string;
  /** Tells the attempt from later ones of the same deployment. */
  readonly startedAt: string;
  /** Of the lease under which it is carried out, if it is. */
  readonly leaseToken?: string | undefined;
  /** The folder of the process that renews the lease while the job goes on, if there is one. */
  readonly renewer?: string | undefined;
}

/** By what each is remembered. */
const names = {
  id: 'begun_id',
  startedAt: 'begun_at',
  leaseToken: 'begun_lease',
  renewer: 'begun_renewer',
} as const;

/**
 * Remembers what has begun, for the step of this action that runs after the job.
 *
 * See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands, "Sending values to the
 * pre and post actions".
 */
export async function remember(
  environment: Environment,
  { id, started_at: startedAt }: Deployment,
  lease: Pick<Begun, 'leaseToken' | 'renewer'> = {},
): Promise<void> {
  const { GITHUB_STATE: file } = environment;
  if (!file || startedAt === null) return;
  const begun: Begun = { id, startedAt, ...lease };
  const entries = Object.entries(names).map(([field, name]) =>
    fileEntry(name, begun[field as keyof Begun] ?? ''),
  );
  await appendFile(file, entries.join(''));
}

/** What the step has begun, if anything. */
export function begunBy(environment: Environment): Begun | undefined {
  const of = (field: keyof Begun) => variable(environment, `STATE_${names[field]}`);
  const [id, startedAt] = [of('id'), of('startedAt')];
  if (id === undefined || startedAt === undefined) return undefined;
  return { id, startedAt, leaseToken: of('leaseToken'), renewer: of('renewer') };
}
