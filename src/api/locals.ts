import type { Caller } from '../domain/deployment.js';
import type { Logger } from '../logging.js';

// What this API keeps of a request, in `res.locals`.
declare module 'express-serve-static-core' {
  interface Locals {
    /** Writes under the request's id. */
    log: Logger;
    /** Who asks, once that is known. */
    caller?: Caller;
  }
}
