import { ApplicationError } from '../errors.js';

/** Who asks: what authentication yields. */
export interface Caller {
  /** The tenant, in lower case. */
  readonly organisation: string;
  /** The GitHub login of the user, where there is one. */
  readonly actor: string | null;
  /** `owner/name` of the pipeline's repository. */
  readonly repository: string | null;
  /** The name of the pipeline's workflow. */
  readonly workflow: string | null;
  /** What else the token of a job says of it; absent for people. */
  readonly job?: Job | undefined;
  /** How the caller proved it. */
  readonly source: 'oidc' | 'pat' | 'development';
  /**
   * Present when the caller may touch deployments to this environment only, in lower case; `null` when
   * it may touch none, because its job names no environment.
   */
  readonly onlyEnvironment?: string | null;
}

/** What GitHub says of a job, for the events that it causes. */
export interface Job {
  readonly actorId: string | null;
  readonly repositoryId: string | null;
  /** The branch or tag that it runs on. */
  readonly ref: string | null;
  readonly commitSha: string | null;
  readonly runId: string | null;
  readonly runAttempt: string | null;
}

/** Whose `Idempotency-Key`s are apart from those of others: a repository's, or a person's. */
export function keyOwner({ repository, actor, job }: Caller): string {
  if (repository !== null) return `repository ${job?.repositoryId ?? repository}`;
  return actor === null ? '' : `person ${actor}`;
}

/**
 * Refuses a caller who is bound to an environment and reaches for another.
 *
 * @throws ApplicationError `forbidden`
 */
export function requireEnvironment(caller: Caller, environment: string): void {
  const { onlyEnvironment: only } = caller;
  if (only === undefined || only === environment) return;
  const bound =
    only === null ? 'the job names no environment' : `the job is bound to the environment ${only}`;
  throw new ApplicationError(
    'forbidden',
    `Deployments to ${environment} cannot be changed: ${bound}`,
  );
}
