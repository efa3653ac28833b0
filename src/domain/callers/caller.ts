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
  /** How the caller proved it. */
  readonly source: 'oidc' | 'pat' | 'development';
  /**
   * Present when the caller may touch deployments to this environment only, in lower case; `null` when
   * it may touch none, because its job names no environment.
   */
  readonly onlyEnvironment?: string | null;
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
