import type { Problem, ProblemType } from './contract.js';
import { ClientError } from './errors.js';
import type { ErrorDetails } from './errors.js';

/** What an answer says beside its problem. */
export interface ProblemResponse extends ErrorDetails {
  /** After how many seconds to try again. */
  readonly retryAfter?: number | undefined;
  /** The deployment's present entity tag, for `precondition-failed`. */
  readonly etag?: string | undefined;
  /** Whether an earlier try of this call ended without an answer, so that it may have taken effect. */
  readonly afterLostAnswer?: boolean;
}

/** Statuses that say: not now. */
const retryableStatuses: readonly number[] = [429, 503];

/** The service refused. `type` says why, to programs; the message, which is `detail`, to people. */
export class ProblemError extends ClientError {
  override readonly name = 'ProblemError';
  readonly code = 'problem';
  readonly problem: Problem;
  readonly retryAfter: number | undefined;
  readonly etag: string | undefined;
  readonly afterLostAnswer: boolean;

  constructor(problem: Problem, answer: ProblemResponse = {}) {
    super(problem.detail, retryableStatuses.includes(problem.status), answer);
    this.problem = problem;
    this.retryAfter = answer.retryAfter;
    this.etag = answer.etag;
    this.afterLostAnswer = answer.afterLostAnswer ?? false;
  }

  /** What kind of problem it is. */
  get type(): ProblemType {
    return this.problem.type;
  }

  /** The HTTP status. */
  get status(): number {
    return this.problem.status;
  }
}
