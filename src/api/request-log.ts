import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Logger } from '../logging.js';
import { logUnder } from '../logging.js';
import type { Route } from './route-matcher.js';

/** Counts requests: each is started once, and answered once. */
export interface HttpMetrics {
  httpRequestStarted(): void;
  /** @param endpoint the contract's path template, `unmatched` for any other path */
  httpRequest(method: string, endpoint: string, statusCode: number, seconds: number): void;
}

/** A request id that is taken over from the caller; a token of GitHub's is not, since it is logged. */
const saneId = /^(?!gh[a-z]_|github_pat_)[A-Za-z0-9._-]{1,128}$/;

/** Gives every request an id, a route and a logger, and logs and counts it when it has been answered. */
export function requestLog(
  logger: Logger,
  metrics: HttpMetrics,
  matchRoute: (method: string, path: string) => Route | undefined,
): RequestHandler {
  return (req, res, next) => {
    const started = performance.now();
    metrics.httpRequestStarted();
    const sent = req.headers['x-request-id'];
    const requestId = typeof sent === 'string' && saneId.test(sent) ? sent : randomUUID();
    const { method, path } = req;
    // The contract has no HEAD: it is GET whose answer's body Node leaves out (RFC 9110, 9.3.2).
    if (method === 'HEAD') req.method = 'GET';
    const route = matchRoute(req.method, path);
    const { locals } = res;
    locals.requestId = requestId;
    locals.log = logUnder(logger, { requestId });
    locals.route = route;
    // An operation's answer is written with all of its headers at once.
    if (route === undefined) res.set('X-Request-Id', requestId);

    const note = (): void => {
      const seconds = (performance.now() - started) / 1000;
      const endpoint = route?.template ?? 'unmatched';
      metrics.httpRequest(method, endpoint, res.statusCode, seconds);
      logger.info(
        {
          requestId,
          method,
          path: endpoint,
          operationId: route?.operation?.operationId,
          status: res.statusCode,
          durationMs: Math.round(seconds * 1e6) / 1e3,
          organisation: locals.caller?.organisation,
          ...(!res.writableFinished && { aborted: true }),
        },
        'request',
      );
    };
    res.once('close', () => {
      // Of a caller who left, what the answer would have been is known a moment later.
      if (res.writableFinished) note();
      else setImmediate(note);
    });
    next();
  };
}
