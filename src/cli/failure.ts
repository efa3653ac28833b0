import { CommanderError } from 'commander';
import {
  ClaimTimedOut,
  ClientError,
  CredentialsUnavailable,
  LeaseLost,
  ProblemError,
  SettledOtherwise,
  UnexpectedResponse,
  WaitTimedOut,
} from '../client/client.js';
import type { Problem } from '../client/client.js';
import { containsToken } from '../platform/token-formats.js';
import { adviceFor } from './advice.js';
import { printable } from './printable.js';

/** How the program ends; scripts rely on these numbers. */
export const exitCodes = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  refused: 3,
  notFound: 4,
  conflict: 5,
  unavailable: 6,
  unauthenticated: 7,
  settledOtherwise: 8,
  waitedTooLong: 9,
  leaseLost: 10,
} as const;

type Outcome = keyof typeof exitCodes;

/** What each exit code means, in the order of their numbers. */
export const exitCodeMeanings: Readonly<Record<Outcome, string>> = {
  ok: 'done',
  unexpected: 'a fault of this program or of the service',
  usage: 'the command line is not valid; nothing was sent',
  refused: 'the service refused the request as not valid',
  notFound:
    'there is no such deployment, policy, lock, freeze or calendar, or nothing to roll back to',
  conflict: 'the state of the deployment does not allow it, or somebody else was faster',
  unavailable: 'the service is out of reach; try again later',
  unauthenticated: 'the credentials are missing, not accepted or not enough',
  settledOtherwise: 'wait: the deployment came to rest in another status',
  waitedTooLong:
    'wait: the deployment was not there in time; claim, run: its turn did not come in time',
  leaseLost: 'run: the lease was lost, and the command was stopped',
};

/** A command line that is not valid. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** There is nothing that the command could do, as this program found out by itself. */
export class NothingToDo extends Error {
  override readonly name = 'NothingToDo';
  readonly outcome: 'notFound' | 'conflict';
  /** What the service said, if it was asked. */
  readonly problem: Problem | undefined;

  constructor(outcome: 'notFound' | 'conflict', message: string, problem?: Problem) {
    super(message);
    this.outcome = outcome;
    this.problem = problem;
  }
}

/** The command has ended, with a code of its own. */
export class Ended extends Error {
  override readonly name = 'Ended';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** What an error says, for the end of a sentence. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'no reason given';
}

/** How to end after an error. */
export interface Explanation {
  readonly code: number;
  /** One line without a token; `undefined` when everything has been printed. */
  readonly line: string | undefined;
  /** The body of the API's response, where there was one. */
  readonly body: unknown;
}

/** What an error means for whoever ran the command. */
export function explain(error: unknown): Explanation {
  const line = lineOf(error);
  return {
    code: error instanceof Ended ? error.code : exitCodes[outcomeOf(error)],
    line: line === undefined ? undefined : printable(line),
    body: bodyOf(error),
  };
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof CommanderError || error instanceof UsageError) return 'usage';
  if (error instanceof NothingToDo) return error.outcome;
  if (error instanceof SettledOtherwise) return 'settledOtherwise';
  if (error instanceof WaitTimedOut || error instanceof ClaimTimedOut) return 'waitedTooLong';
  if (error instanceof LeaseLost) return 'leaseLost';
  if (error instanceof ClientError && error.retryable) return 'unavailable';
  if (error instanceof CredentialsUnavailable) return 'unauthenticated';
  if (error instanceof ProblemError) return outcomeOfStatus(error.status);
  if (error instanceof UnexpectedResponse) return 'unexpected';
  // The others say that there was no response, or one of a gateway in between.
  return error instanceof ClientError ? 'unavailable' : 'unexpected';
}

function outcomeOfStatus(status: number): Outcome {
  if (status === 401 || status === 403) return 'unauthenticated';
  if (status === 404) return 'notFound';
  if (status === 409 || status === 412) return 'conflict';
  return status < 500 ? 'refused' : 'unexpected';
}

function lineOf(error: unknown): string | undefined {
  if (error instanceof CommanderError || error instanceof UsageError) return usageLine(error);
  if (!(error instanceof ClientError)) {
    return error instanceof Error ? error.message : 'failed for a reason that is not an Error';
  }
  const request = error.requestId === undefined ? '' : ` (request ${error.requestId})`;
  const advice = adviceFor(error);
  return `${sentenceOf(error)}${request}${advice === undefined ? '' : `; ${advice}`}`;
}

/** What is wrong, in one line. After help was shown there is nothing to add. */
function usageLine(error: CommanderError | UsageError): string | undefined {
  if (error instanceof CommanderError && error.code === 'commander.help') return undefined;
  // commander repeats an option that it does not know with its value.
  const said = containsToken(error.message)
    ? 'a token is in the command line, which other users of this machine can read: set DEPLOYMENT_QUEUE_TOKEN instead'
    : error.message.replace(/^error: /, '').replaceAll('\n', ' ');
  return `${said}; --help shows more`;
}

function sentenceOf(error: ClientError): string {
  const { cause } = error;
  // That the token was not given says little without why.
  if (error instanceof CredentialsUnavailable && cause instanceof Error) {
    return `${error.message}: ${cause.message}`;
  }
  if (!(error instanceof ProblemError)) return error.message;
  const { detail, errors = [] } = error.problem;
  if (errors.length < 2) return detail;
  return errors
    .map(({ pointer, parameter, message }) => `${pointer ?? parameter ?? ''} ${message}`.trim())
    .join('; ');
}

function bodyOf(error: unknown): unknown {
  if (error instanceof ProblemError || error instanceof NothingToDo) return error.problem;
  if (error instanceof SettledOtherwise || error instanceof WaitTimedOut) return error.deployment;
  if (error instanceof ClaimTimedOut) return error.position;
  return undefined;
}
