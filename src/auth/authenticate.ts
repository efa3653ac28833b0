import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '../domain/deployment.js';

/**
 * Finds out who sends a request.
 *
 * @throws Refusal `unauthenticated`, `forbidden`, `organisation-required`, `contract-violation` or
 *   `unavailable`; never resolves for a caller that is not known for certain
 */
export type Authenticate = (headers: IncomingHttpHeaders) => Promise<Caller>;
