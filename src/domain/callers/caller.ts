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
  /** Until when the proof is good, in milliseconds since the epoch, where it says so. */
  readonly goodUntil?: number | undefined;
  /** What a person is in the organisation: `admin` is an owner. */
  readonly role?: 'admin' | 'member' | undefined;
}

/** What GitHub says of a job, for policies and for the events that it causes. */
export interface Job {
  readonly actorId: string | null;
  readonly repositoryId: string | null;
  /** The branch or tag that it runs on. */
  readonly ref: string | null;
  readonly commitSha: string | null;
  readonly runId: string | null;
  readonly runAttempt: string | null;
  /** The event that started the run, such as `push`. */
  readonly eventName: string | null;
  /** The environment that the job names, of its own repository. */
  readonly environment: string | null;
  /** The claim `job_workflow_ref`: the workflow that the job is defined in, with its ref. */
  readonly workflowRef: string | null;
}

/** Whose `Idempotency-Key`s are apart from those of others: a repository's, or a person's. */
export function keyOwner({ repository, actor, job }: Caller): string {
  if (repository !== null) return `repository ${job?.repositoryId ?? repository}`;
  return actor === null ? '' : `person ${actor}`;
}
