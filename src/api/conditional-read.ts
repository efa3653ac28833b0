import type { RequestHandler } from 'express';

/**
 * Lets `If-None-Match` be answered with 304 whatever the request says to caches on its way. Express
 * does not while there is `Cache-Control: no-cache`, which every `fetch` adds to `If-None-Match` (Fetch
 * Standard, "HTTP-network-or-cache fetch"). That directive wants the origin asked (RFC 9111, section
 * 5.2.1.4), and this is the origin.
 */
export const answerAsOrigin: RequestHandler = (req, _res, next) => {
  delete req.headers['cache-control'];
  next();
};
