import type { RequestHandler } from 'express';
import { setSecurityHeaders } from './security-headers.js';

/**
 * Answers load balancers on the API's port, at `/healthz`: 200 while requests are welcome, 503 once the service stops.
 * It asks no store, since all instances have the same one, and comes before limits, logs and metrics.
 */
export function serveHealth(isDraining: () => boolean): RequestHandler {
  return (req, res, next) => {
    const { url, method } = req;
    const asked = url === '/healthz' || url.startsWith('/healthz?');
    if (!asked || (method !== 'GET' && method !== 'HEAD')) {
      next();
      return;
    }
    setSecurityHeaders(res);
    res.set('Cache-Control', 'no-store');
    if (isDraining()) res.status(503).json({ status: 'draining' });
    else res.json({ status: 'healthy' });
  };
}
