import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Logger } from '../logging.js';
import { holdsToken } from '../secrets.js';
import { readTraceParent } from '../tracing/traceparent.js';
import type { Tracing } from '../tracing/tracing.js';
import type { Route } from './route-matcher.js';

/** Counts answered requests. */
export interface HttpMetrics {
  /** @param endpoint the contract's path template, `unmatched` for any other path */
  httpRequest(method: string, endpoint: string, statusCode: number, seconds: number): void;
}

/** A request id that is taken over from the caller, unless it holds a token: it is logged. */
const saneId = /^[A-Za-z0-9._-]{1,128}$/;

/** Gives every request an id and a logger, and logs and counts it when it has been answered. */
export function requestLog(
  logger: Logger,
  metrics: HttpMetrics,
  matchRoute: (method: string, path: string) => Route | undefined,
  tracing?: Pick<Tracing, 'request'>,
): RequestHandler {
  return (req, res, next) => {
    const started = performance.now();
    const sent = req.get('x-request-id');
    const requestId =
      sent !== undefined && saneId.test(sent) && !holdsToken(sent) ? sent : randomUUID();
    res.set('X-Request-Id', requestId);

    const { method, path } = req;
    // The contract has no HEAD: it is GET whose answer's body Node leaves out (RFC 9110, 9.3.2).
    if (method === 'HEAD') req.method = 'GET';
    const route = matchRoute(req.method, path);
    const { traceparent, tracestate } = req.headers;
    const parent = traceparent === undefined ? undefined : readTraceParent(traceparent);
    const span = tracing?.request({
      method,
      template: route?.template,
      parent,
      state: typeof tracestate === 'string' ? tracestate : undefined,
    });
    res.locals.log = logger.child({ requestId, ...traceIds(span ?? parent) });

    res.once('close', () => {
      const seconds = (performance.now() - started) / 1000;
      const completed = res.writableFinished;
      metrics.httpRequest(method, route?.template ?? 'unmatched', res.statusCode, seconds);
      const { caller } = res.locals;
      res.locals.log.info(
        {
          method,
          path: route?.template ?? 'unmatched',
          operationId: route?.operationId,
          status: res.statusCode,
          durationMs: Math.round(seconds * 1e6) / 1e3,
          organisation: caller?.organisation,
          ...(!completed && { aborted: true }),
        },
        'request',
      );
      span?.end(res.statusCode, !completed);
    });
    if (span === undefined) next();
    else span.run(next);
  };
}

/** How a request's trace is named in its log lines: by its own span, or by the caller's. */
function traceIds(place: { traceId: string; spanId: string } | undefined) {
  return place && { traceId: place.traceId, spanId: place.spanId };
}
