import type { Caller } from '../domain/callers/caller.js';
import type { Logger } from '../platform/logging.js';
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
    /** Who asks, once that is known. */
    caller?: Caller;
  }
}
