import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import type { Caller } from '../domain/callers/caller.js';
import type { Logger } from '../platform/logging.js';
import { lazyChild } from '../platform/logging.js';
import { containsToken } from '../platform/token-formats.js';
import { readTraceParent } from '../tracing/traceparent.js';
import type { Tracing } from '../tracing/tracing.js';
import type { HttpMetrics } from './metrics.js';
import type { Route } from './router.js';

// What this API keeps of a request, in `res.locals`.
declare module 'express-serve-static-core' {
  interface Locals {
    /** Goes back as `X-Request-Id`. */
    requestId: string;
    /** Writes under the request's id. */
    log: Logger;
    /** Where the request goes; `undefined` when the contract has no such path. */
    route: Route | undefined;
    /** Whether the response has no body (RFC 9110, 9.3.2). */
    isHead: boolean;
    /** Who asks, once that is known. */
    caller?: Caller;
  }
}

/** Of a request that belongs to no trace; a field without a value is not logged. */
const noTrace = { traceId: undefined, spanId: undefined };

/** A request id that is taken over from the caller, unless it holds a token: it is logged. */
const acceptedId = /^[A-Za-z0-9._-]{1,128}$/;

/** Gives every request an id, a route and a logger, and logs and counts it at its end. */
export function provideContext(
  logger: Logger,
  metrics: HttpMetrics,
  matchRoute: (method: string, path: string) => Route | undefined,
  tracing?: Pick<Tracing, 'request'>,
): RequestHandler {
  const loggerOf = loggersOf(logger);
  return (req, res, next) => {
    const started = performance.now();
    metrics.httpRequestStarted();
    const { method, path, headers } = req;
    // The contract has no HEAD: it is GET, and Node leaves the body out of the response.
    const isHead = method === 'HEAD';
    if (isHead) req.method = 'GET';
    const route = matchRoute(req.method, path);
    const { traceparent } = headers;
    const parent = traceparent === undefined ? undefined : readTraceParent(traceparent);
    const span = tracing?.request({ method, template: route?.template, parent });
    const { locals } = res;
    const requestId = requestIdOf(req);
    const { traceId, spanId } = span ?? parent ?? noTrace;
    locals.requestId = requestId;
    locals.log = lazyChild(logger, { requestId, traceId, spanId });
    locals.route = route;
    locals.isHead = isHead;

    const finish = (aborted: boolean): void => {
      const seconds = (performance.now() - started) / 1000;
      const endpoint = route?.template ?? 'unmatched';
      metrics.httpRequest(method, endpoint, res.statusCode, seconds);
      loggerOf(method, endpoint, route?.operation?.operationId).info(
        // Field by field: V8 is many times slower with an object that was spread into another.
        {
          requestId,
          traceId,
          spanId,
          status: res.statusCode,
          durationMs: Math.round(seconds * 1e6) / 1e3,
          organisation: locals.caller?.organisation,
          aborted: aborted || undefined,
        },
        'request',
      );
      span?.end(res.statusCode, aborted);
    };
    res.once('close', () => {
      // What is left of a response is finished as well when its connection is ended from here.
      if (res.writableFinished && !req.socket.destroyed) finish(false);
      // The status that the caller would have got is known a moment later.
      else setImmediate(finish, true);
    });
    if (span === undefined) next();
    else span.run(next);
  };
}

/**
 * Loggers whose lines have what those of an operation have in common, which is written out once. There are as
 * many as there are methods of HTTP, which Node knows, and paths of the contract.
 */
function loggersOf(
  logger: Logger,
): (method: string, path: string, operationId: string | undefined) => Logger {
  const loggers = new Map<string, Logger>();
  return (method, path, operationId) => {
    const key = `${method} ${path}`;
    const known = loggers.get(key);
    if (known !== undefined) return known;
    const made = logger.child({ method, path, operationId });
    loggers.set(key, made);
    return made;
  };
}

function requestIdOf({ headers }: Request): string {
  const sent = headers['x-request-id'];
  if (typeof sent !== 'string' || !acceptedId.test(sent) || containsToken(sent))
    return randomUUID();
  return sent;
}
