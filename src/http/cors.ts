import cors from 'cors';
import type { RequestHandler } from 'express';

/**
 * What a page may send beyond what the Fetch standard always allows, and read of a response
 * (https://fetch.spec.whatwg.org/#http-cors-protocol).
 */
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
const allowedHeaders = [
  'Authorization',
  'Content-Type',
  'Idempotency-Key',
  'If-Match',
  'If-None-Match',
  'Lease-Token',
  'X-Organisation',
  'X-Request-Id',
  'traceparent',
  'tracestate',
];
const exposedHeaders = [
  'ETag',
  'Idempotent-Replayed',
  'Link',
  'Location',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'X-Request-Id',
];
/** How long a browser may cache the response to a preflight, in seconds. */
const maxAge = 600;

/**
 * Lets pages of these origins call the API. A preflight carries no credentials, so it gets its response
 * before anybody is asked who they are; of another origin, it is a request like any other.
 *
 * @param origins as browsers send them, in `Origin`
 */
export function allowOrigins(origins: readonly string[]): RequestHandler {
  const allowed = new Set(origins);
  const allow = cors({ origin: [...origins], methods, allowedHeaders, exposedHeaders, maxAge });
  return (req, res, next) => {
    const { origin, 'access-control-request-method': asked } = req.headers;
    const preflight = req.method === 'OPTIONS' && asked !== undefined;
    if (origin !== undefined && allowed.has(origin) && (preflight || req.method !== 'OPTIONS')) {
      allow(req, res, next);
    } else {
      // A cache must not give this response to a page that would get another.
      res.vary('Origin');
      next();
    }
  };
}
