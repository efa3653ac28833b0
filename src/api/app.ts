import './locals.js';
import express from 'express';
import type { ErrorRequestHandler, Request, Response } from 'express';
import type { RequestListener } from 'node:http';
import type { Authenticate } from '../auth/authenticate.js';
import type { Contract } from '../contract.js';
import type { Logger } from '../logging.js';
import type { Operations } from '../operations/operation.js';
import { securityHeaders, setSecurityHeaders } from '../security-headers.js';
import type { Tracing } from '../tracing/tracing.js';
import { requireCaller } from './authentication.js';
import { readBody } from './body.js';
import { allowOrigins } from './cors.js';
import { HttpProblem, toProblem } from './problem.js';
import { limitRate } from './rate-limit.js';
import type { RateLimit } from './rate-limit.js';
import type { RefusalMetrics } from './refusal-metrics.js';
import { requestLog } from './request-log.js';
import type { HttpMetrics } from './request-log.js';
import { createRouteMatcher } from './route-matcher.js';
import { routeToOperations } from './routing.js';
import type { SharedContext } from './routing.js';
import { serveContract } from './served-contract.js';
import { shedLoad } from './shedding.js';
import { enforceContract, translateViolations } from './validation.js';

/** What the API is made of. */
export interface ApiParts {
  readonly contract: Contract;
  readonly operations: Operations;
  readonly authenticate: Authenticate;
  readonly store: SharedContext['store'];
  readonly clock: SharedContext['clock'];
  readonly metrics: SharedContext['metrics'] & HttpMetrics & RefusalMetrics;
  readonly logger: Logger;
  readonly bodyLimitBytes: number;
  /** The origins whose pages may call. */
  readonly corsOrigins?: readonly string[];
  /** `undefined` for no limit. */
  readonly rateLimit?: RateLimit | undefined;
  /** Says whether the next request is to be refused; `undefined` for never. */
  readonly shed?: (() => boolean) | undefined;
  /** Follows requests; `undefined` while no collector is named. */
  readonly tracing?: Tracing | undefined;
}

/** The API: what a request passes through, from top to bottom. */
export async function createApiApp(parts: ApiParts): Promise<RequestListener> {
  const { contract, operations, authenticate, store, clock, metrics, logger } = parts;
  const { corsOrigins = [], rateLimit, shed } = parts;
  const app = express();
  app.disable('x-powered-by');
  // Entity tags are the deployments' own; hashing every answer would be for nothing.
  app.disable('etag');
  app.enable('case sensitive routing');

  app.use(requestLog(logger, metrics, createRouteMatcher(contract), parts.tracing));
  app.use((_req, res, next) => {
    setSecurityHeaders(res);
    next();
  });
  if (corsOrigins.length > 0) app.use(allowOrigins(corsOrigins));
  if (shed !== undefined) app.use(shedLoad(shed, metrics));
  app.use(serveContract(contract));
  app.use(requireCaller(authenticate));
  if (rateLimit !== undefined) app.use(limitRate(rateLimit, metrics));
  app.use(readBody(parts.bodyLimitBytes));
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
  // That it sheds is logged once; a line with a stack for each request would add to the load.
  const shed = error instanceof HttpProblem && error.code === 'overloaded';
  if (status >= 500 && !shed) res.locals.log.error({ err: error }, 'request failed');
  if (res.headersSent) {
    // Too late to say so: a connection that breaks off is the only sign left.
    res.destroy();
    return;
  }
  // What an answer that failed had set is not the problem's.
  for (const name of res.getHeaderNames()) if (!belongsToEveryAnswer(name)) res.removeHeader(name);
  res.status(status).set(headers).type('application/problem+json').json(body);
}

const onEveryAnswer: ReadonlySet<string> = new Set([
  'x-request-id',
  'vary',
  'ratelimit',
  'ratelimit-policy',
  ...securityHeaders.keys(),
]);

/** Whether a header is set whatever the answer is, rather than by an operation for its own. */
function belongsToEveryAnswer(name: string): boolean {
  return onEveryAnswer.has(name) || name.startsWith('access-control-');
}
