import express from 'express';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import type { RequestListener } from 'node:http';
import type { Authenticate } from '../auth/authenticate.js';
import type { Contract } from '../contract/contract.js';
import { ApplicationError } from '../domain/errors.js';
import type { Logger } from '../platform/logging.js';
import type { Operations } from '../operations/operation.js';
import { setSecurityHeaders } from './security-headers.js';
import type { Tracing } from '../tracing/tracing.js';
import { handleOperations, handleUnknownPaths, respondWithOperations } from './pipeline.js';
import type { Respond, SharedContext } from './pipeline.js';
import { createBodyReader } from './body.js';
import { setTenantCaching } from './caching.js';
import { allowOrigins } from './cors.js';
import { readForwardedPrefix } from './forwarded-prefix.js';
import { serveHealth } from './health.js';
import { shedLoad } from './overload.js';
import { boundMemory } from './memory.js';
import type { HeldMemory } from './memory.js';
import { HttpError, toProblem } from './problem.js';
import type { ProblemResponse } from './problem.js';
import { limitRate } from './rate-limit.js';
import type { RateLimit } from './rate-limit.js';
import type { HttpMetrics, RefusalMetrics } from './metrics.js';
import { provideContext } from './request-context.js';
import { createRouteMatcher } from './router.js';
import { serveBoard } from '../web/board.js';
import { serveContract } from '../web/contract.js';
import { serveCalendar } from '../web/calendar.js';
import type { CalendarRouteParts } from '../web/calendar.js';
import { serveDocs } from '../web/docs.js';
import { serveSession } from '../web/session/routes.js';
import type { PageSettings } from '../web/session/routes.js';
import { createValidation } from './validation.js';
import type { Validation } from './validation.js';

/** What the API is made of. */
export interface ApiParts extends ContractAppParts {
  readonly operations: Operations;
  readonly store: SharedContext['store'];
  readonly clock: SharedContext['clock'];
  readonly quota: SharedContext['quota'];
  readonly turns: SharedContext['turns'];
  readonly feeds: SharedContext['feeds'];
  readonly metrics: SharedContext['metrics'] & HttpMetrics & RefusalMetrics;
  /** Stands in where a client names no environment; in lower case. */
  readonly defaultEnvironment?: string | undefined;
}

/** What every app that keeps the contract needs, whatever handles its requests. */
export interface ContractAppParts {
  readonly contract: Contract;
  readonly authenticate: Authenticate;
  /** How the pages of this service call it; by a token unless said otherwise. */
  readonly page?: PageSettings;
  readonly metrics: HttpMetrics & RefusalMetrics;
  readonly logger: Logger;
  readonly bodyLimitBytes: number;
  /** The origins whose pages may call. */
  readonly corsOrigins?: readonly string[];
  /** Whether `X-Forwarded-Prefix` is of a proxy in front, rather than of whoever calls. */
  readonly trustForwardedPrefix?: boolean;
  /** Whose word on whom they pass requests on for is taken (`X-Forwarded-For`): addresses and networks. */
  readonly trustedProxies?: readonly string[];
  /** How calendars of freezes are read; `undefined` where there are none. */
  readonly calendar?: CalendarRouteParts | undefined;
  /** Whether everybody who reaches the service may do everything: its page says so. */
  readonly demo?: boolean;
  /** `undefined` for no limit. */
  readonly rateLimit?: RateLimit | undefined;
  /** Asked once for each request whether it is to be refused; `undefined` for never. */
  readonly shed?: (() => boolean) | undefined;
  /** What requests hold; one of its own unless responses count as well. */
  readonly memory?: HeldMemory;
  /** Whether the service stops, and wants no more requests. */
  readonly isDraining?: () => boolean;
  /** Follows requests; `undefined` while no collector is named. */
  readonly tracing?: Tracing | undefined;
}

/** The API: the operations respond. */
export async function createApiApp(parts: ApiParts): Promise<RequestListener> {
  const { contract, operations, store, clock, metrics, quota, turns, feeds } = parts;
  const validation = createValidation(contract, parts);
  const shared = { store, clock, metrics, quota, turns, feeds };
  const memory = boundMemory(metrics);
  const respond = await respondWithOperations({ contract, operations, validation, shared, memory });
  return createContractApp({ ...parts, memory }, validation, respond);
}

/**
 * What a request passes through, from top to bottom.
 *
 * @param respond responds to a request that keeps the contract
 */
export function createContractApp(
  parts: ContractAppParts,
  validation: Validation,
  respond: Respond,
): RequestListener {
  const { contract, authenticate, metrics, logger } = parts;
  const { page = { kind: 'token', gitHubUrl: 'https://github.com' } } = parts;
  const { corsOrigins = [], trustedProxies = [], rateLimit, shed, tracing } = parts;
  const { memory = boundMemory(metrics), isDraining = () => false } = parts;
  const admit = rateLimit && limitRate(rateLimit, metrics);
  const readBody = createBodyReader(parts.bodyLimitBytes, memory);
  const app = express();
  app.disable('x-powered-by');
  // Entity tags are the deployments' own; hashing every response would be for nothing.
  app.disable('etag');
  app.enable('case sensitive routing');
  // What `req.ip` is.
  app.set('trust proxy', [...trustedProxies]);

  app.use(serveHealth(isDraining));
  app.use(provideContext(logger, metrics, createRouteMatcher(contract), tracing));
  if (corsOrigins.length > 0) app.use(allowOrigins(corsOrigins));
  if (parts.trustForwardedPrefix === true) app.use(readForwardedPrefix);
  if (shed !== undefined) app.use(shedLoad(shed, metrics));
  if (page.kind === 'github') app.use(varyByCookie);
  app.use(handleOperations({ validation, authenticate, admit, readBody, respond }));
  app.use(setCommonHeaders);
  app.use(serveBoard(parts.demo === true));
  app.use(serveContract(contract));
  app.use(serveDocs(parts.demo === true));
  app.use(serveSession({ page, authenticate, readBody }));
  if (parts.calendar !== undefined) app.use(serveCalendar(parts.calendar));
  app.use(handleUnknownPaths({ authenticate, admit }));
  app.use(((error, req, res, _next) => {
    sendProblem(validation, error, req, res);
  }) satisfies ErrorRequestHandler);

  // Before any of that runs, Express makes its Request and Response of Node's objects.
  return app as RequestListener;
}

/** What every response carries; an operation's is written with all of its headers at once. */
const setCommonHeaders: RequestHandler = (_req, res, next) => {
  setSecurityHeaders(res);
  res.setHeader('X-Request-Id', res.locals.requestId);
  next();
};

/** A response to a browser with a session is none to one without. */
const varyByCookie: RequestHandler = (_req, res, next) => {
  if (res.locals.route !== undefined) res.vary('Cookie');
  next();
};

/** The one place where an error becomes a response. */
function sendProblem(validation: Validation, error: unknown, req: Request, res: Response): void {
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
  // Shedding is logged once; a line for each request would add to the load.
  const shed = error instanceof HttpError && error.code === 'overloaded';
  // Authentication logs what it refuses by itself.
  const logged = cause instanceof ApplicationError && res.locals.caller === undefined;
  if (status >= 500 && !shed && !logged) res.locals.log.error({ err: cause }, 'request failed');
  if (res.headersSent) {
    // Too late for a problem: to break off the connection is the only sign left.
    res.destroy();
    return;
  }
  // The headers of a response that failed are not the problem's.
  for (const name of res.getHeaderNames())
    if (!belongsToEveryResponse(name)) res.removeHeader(name);
  setSecurityHeaders(res);
  // Of a path that is not there, too: who is unknown gets 401 for it.
  setTenantCaching(res);
  res.status(status).set('X-Request-Id', res.locals.requestId).set(headers);
  res.type('application/problem+json').json(body);
}

const onEveryResponse: ReadonlySet<string> = new Set(['vary', 'ratelimit', 'ratelimit-policy']);

/** Whether a header belongs to every response, rather than to an operation's own. */
function belongsToEveryResponse(name: string): boolean {
  return onEveryResponse.has(name) || name.startsWith('access-control-');
}

function checkProblem(validation: Validation, { status, body }: ProblemResponse, res: Response) {
  const operation = res.locals.route?.operation;
  // A fault of this service is not replaced by another one.
  if (operation === undefined || status === 500) return;
  validation.response(operation, status, 'application/problem+json', body);
}
