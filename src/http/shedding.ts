import type { RequestHandler } from 'express';
import { HttpError } from './problem.js';
import type { RefusalMetrics } from './metrics.js';

/** Seconds until another try makes sense. */
const retryAfter = 2;

/** Refuses what is to be shed, as cheaply as it can be: before anything else is done for it. */
export function shedLoad(shed: () => boolean, metrics: RefusalMetrics): RequestHandler {
  const detail = `The service is overloaded; try again in ${retryAfter} seconds`;
  const headers = { 'Retry-After': String(retryAfter) };
  const overloaded = new HttpError('overloaded', detail, { headers });
  return (_req, _res, next) => {
    if (!shed()) {
      next();
      return;
    }
    metrics.requestRefused('overloaded');
    next(overloaded);
  };
}
