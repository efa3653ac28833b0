import type { RequestHandler } from 'express';
import type { Authenticate } from '../auth/authenticate.js';

/** Lets a request pass when its caller is known, and keeps who that is. */
export function requireCaller(authenticate: Authenticate): RequestHandler {
  return async (req, res, next) => {
    res.locals.caller = await authenticate(req.headers, res.locals.log);
    next();
  };
}
