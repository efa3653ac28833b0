import './locals.js';
import express from 'express';
import type { ErrorRequestHandler, Request, Response } from 'express';
import type { RequestListener } from 'node:http';
import type { Authenticate } from '../auth/authenticate.js';
import type { Contract } from '../contract.js';
import type { Logger } from '../logging.js';
import type { Operations } from '../operations/operation.js';
import { requireCaller } from './authentication.js';
import { readBody } from './body.js';
import { answerAsOrigin } from './conditional-read.js';
import { toProblem } from './problem.js';
import { requestLog } from './request-log.js';
import type { HttpMetrics } from './request-log.js';
import { createRouteMatcher } from './route-matcher.js';
import { routeToOperations } from './routing.js';
import type { SharedContext } from './routing.js';
import { serveContract } from './served-contract.js';
import { enforceContract, translateViolations } from './validation.js';

/** What the API is made of. */
export interface ApiParts {
  readonly contract: Contract;
  readonly operations: Operations;
  readonly authenticate: Authenticate;
  readonly store: SharedContext['store'];
  readonly clock: SharedContext['clock'];
  readonly metrics: SharedContext['metrics'] & HttpMetrics;
  readonly logger: Logger;
  readonly bodyLimitBytes: number;
}

/** The API: what a request passes through, from top to bottom. */
export async function createApiApp(parts: ApiParts): Promise<RequestListener> {
  const { contract, operations, authenticate, store, clock, metrics, logger } = parts;
  const app = express();
  app.disable('x-powered-by');
  // Entity tags are the deployments' own; hashing every answer would be for nothing.
  app.disable('etag');
  app.enable('case sensitive routing');

  app.use(requestLog(logger, metrics, createRouteMatcher(contract)));
  app.use(serveContract(contract));
  app.use(requireCaller(authenticate));
  app.use(readBody(parts.bodyLimitBytes));
  app.use(answerAsOrigin);
  app.use(enforceContract(contract));
  app.use(await routeToOperations(contract, operations, { store, clock, metrics }));
  app.use(translateViolations(contract));
  app.use(((error, req, res, _next) => {
    answerProblem(error, req, res);
  }) satisfies ErrorRequestHandler);

  const handle = (req: Request, res: Response): void => {
    // A problem that itself breaks the contract has passed all of the above and ends here.
    app(req, res, (error: unknown) => {
      answerProblem(error, req, res);
    });
  };
  // Express makes its Request and Response of Node's objects before any of that runs.
  return handle as RequestListener;
}

/** The one place where an error becomes an answer. */
function answerProblem(error: unknown, req: Request, res: Response): void {
  const { status, headers, body } = toProblem(error, req.path);
  if (status >= 500) res.locals.log.error({ err: error }, 'request failed');
  if (res.headersSent) {
    // Too late to say so: a connection that breaks off is the only sign left.
    res.destroy();
    return;
  }
  // What an answer that failed had set is not the problem's.
  for (const name of res.getHeaderNames()) if (name !== 'x-request-id') res.removeHeader(name);
  res.status(status).set(headers).type('application/problem+json').json(body);
}
