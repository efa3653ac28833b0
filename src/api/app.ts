import './locals.js';
import express from 'express';
import type { ErrorRequestHandler, Request, Response } from 'express';
import type { RequestListener } from 'node:http';
import type { Authenticate } from '../auth/authenticate.js';
import type { Contract } from '../contract.js';
import type { Logger } from '../logging.js';
import type { Operations } from '../operations/operation.js';
import {
  answerOperations,
  answerUnknownPaths,
  respondWithOperations,
} from './answer-operations.js';
import type { Respond, SharedContext } from './answer-operations.js';
import { createBodyReader } from './body.js';
import { toProblem } from './problem.js';
import type { ProblemAnswer } from './problem.js';
import { requestLog } from './request-log.js';
import type { HttpMetrics } from './request-log.js';
import { createRouteMatcher } from './route-matcher.js';
import { serveContract } from './served-contract.js';
import { serveDocs } from './served-docs.js';
import { createValidation } from './validation.js';
import type { Validation } from './validation.js';

/** What the API is made of. */
export interface ApiParts extends ContractAppParts {
  readonly operations: Operations;
  readonly store: SharedContext['store'];
  readonly clock: SharedContext['clock'];
  readonly metrics: SharedContext['metrics'] & HttpMetrics;
}

/** What every app that keeps the contract needs, whatever answers its requests. */
export interface ContractAppParts {
  readonly contract: Contract;
  readonly authenticate: Authenticate;
  readonly metrics: HttpMetrics;
  readonly logger: Logger;
  readonly bodyLimitBytes: number;
}

/** The API: its operations answer. */
export async function createApiApp(parts: ApiParts): Promise<RequestListener> {
  const { contract, operations, store, clock, metrics } = parts;
  const validation = await createValidation(contract);
  const shared = { store, clock, metrics };
  const respond = await respondWithOperations({ contract, operations, validation, shared });
  return createContractApp(parts, validation, respond);
}

/**
 * What a request passes through, from top to bottom.
 *
 * @param respond answers a request that keeps the contract
 */
export function createContractApp(
  parts: ContractAppParts,
  validation: Validation,
  respond: Respond,
): RequestListener {
  const { contract, authenticate, metrics, logger } = parts;
  const readBody = createBodyReader(parts.bodyLimitBytes);
  const app = express();
  app.disable('x-powered-by');
  // Entity tags are the deployments' own; hashing every answer would be for nothing.
  app.disable('etag');
  app.enable('case sensitive routing');

  app.use(requestLog(logger, metrics, createRouteMatcher(contract)));
  app.use(answerOperations({ validation, authenticate, readBody, respond }));
  app.use(serveContract(contract));
  app.use(serveDocs());
  app.use(answerUnknownPaths(authenticate));
  app.use(((error, req, res, _next) => {
    answerProblem(validation, error, req, res);
  }) satisfies ErrorRequestHandler);

  // Express makes its Request and Response of Node's objects before any of that runs.
  return app as RequestListener;
}

/** The one place where an error becomes an answer. */
function answerProblem(validation: Validation, error: unknown, req: Request, res: Response): void {
  let problem = toProblem(error, req.path);
  let cause = error;
  try {
    checkProblem(validation, problem, res);
  } catch (fault) {
    // A problem that itself breaks the contract is a fault of this service.
    cause = fault;
    problem = toProblem(fault, req.path);
  }
  const { status, headers, body } = problem;
  if (status >= 500) res.locals.log.error({ err: cause }, 'request failed');
  if (res.headersSent) {
    // Too late to say so: a connection that breaks off is the only sign left.
    res.destroy();
    return;
  }
  // What an answer that failed had set is not the problem's.
  for (const name of res.getHeaderNames()) res.removeHeader(name);
  res.status(status).set('X-Request-Id', res.locals.requestId).set(headers);
  res.type('application/problem+json').json(body);
}

function checkProblem(validation: Validation, { status, body }: ProblemAnswer, res: Response) {
  const operation = res.locals.route?.operation;
  // Of a fault of this service nothing could be mended by another fault.
  if (operation === undefined || status === 500) return;
  validation.response(operation, status, 'application/problem+json', body);
}
