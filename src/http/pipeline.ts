import type { Request, RequestHandler, Response } from 'express';
import type { Authenticate } from '../auth/authenticate.js';
import type { Contract, ContractOperation } from '../contract/contract.js';
import type { Caller } from '../domain/callers/caller.js';
import type { OperationContext, Operations } from '../operations/operation.js';
import type { Store } from '../store/store.js';
import { createResponseWriter } from './response.js';
import { createFairShare } from './fair-share.js';
import type { ReadBody } from './body.js';
import { decodePercent } from './percent.js';
import type { HeldMemory } from './memory.js';
import { HttpError, routeNotFound } from './problem.js';
import type { Admit } from './rate-limit.js';
import type { Route } from './router.js';
import { bindOperations } from './handlers.js';
import type { CheckedRequest, Validation } from './validation.js';

/** What every operation works with, whoever calls. */
export type SharedContext = Omit<OperationContext, 'caller' | 'store' | 'left'> & {
  readonly store: Store;
};

/** Responds to a request that keeps the contract. */
export type Respond = (
  operation: ContractOperation,
  request: CheckedRequest,
  caller: Caller,
  res: Response,
) => Promise<void> | void;

/** What handling a request takes. */
export interface PipelineParts {
  readonly validation: Validation;
  readonly authenticate: Authenticate;
  /** Holds the caller's organisation to its rate; `undefined` without a limit. */
  readonly admit: Admit | undefined;
  readonly readBody: ReadBody;
  readonly respond: Respond;
}

/** Handles the paths of the contract: authenticate, limit the rate, read, validate, respond. */
export function handleOperations(parts: PipelineParts): RequestHandler {
  const { validation, authenticate, admit, readBody, respond } = parts;

  return async (req, res, next) => {
    const { route, log } = res.locals;
    if (route === undefined) {
      next();
      return;
    }
    const caller = await authenticate(req, log);
    res.locals.caller = caller;
    admit?.(res, caller.organisation);
    const operation = requireOperation(req, route);
    const path = decode(route.parameters);
    const body = await readBody(req, res, operation.bodyFields.length > 0);

    const raw = { url: req.url, path, headers: req.headers, body };
    const request = validation.request(operation, raw);
    await respond(operation, request, caller, res);
  };
}

/** Responds with what the operation of the contract returns. */
export async function respondWithOperations(parts: {
  readonly contract: Contract;
  readonly operations: Operations;
  readonly validation: Validation;
  readonly shared: SharedContext;
  readonly memory: HeldMemory;
}): Promise<Respond> {
  const { contract, operations, validation, shared, memory } = parts;
  const operationOf = await bindOperations(contract, operations);
  const write = createResponseWriter(validation, memory);
  const share = createFairShare();
  const { store, clock, metrics, quota, turns, feeds } = shared;

  return async (operation, request, caller, res) => {
    const context = {
      caller,
      store: store.for(caller.organisation),
      clock,
      metrics,
      quota,
      turns,
      feeds,
      left: () => leavingOf(res),
    };
    const response = await operationOf(operation)(request, context);
    await share.take(caller.organisation, () => {
      if (!res.closed) write(res, operation, response);
    });
  };
}

/** Aborted once the caller of a response has left. */
function leavingOf(res: Response): AbortSignal {
  if (res.closed) return AbortSignal.abort();
  const leaving = new AbortController();
  res.once('close', () => {
    leaving.abort();
  });
  return leaving.signal;
}

/** Handles every other path: 401 to whoever is unknown, who learns nothing of it, else 404. */
export function handleUnknownPaths({
  authenticate,
  admit,
}: Pick<PipelineParts, 'authenticate' | 'admit'>): RequestHandler {
  return async (req, res) => {
    const caller = await authenticate(req, res.locals.log);
    res.locals.caller = caller;
    admit?.(res, caller.organisation);
    throw routeNotFound(req.path);
  };
}

function requireOperation(req: Request, route: Route): ContractOperation {
  if (route.operation !== undefined) return route.operation;
  const allowed = route.methods.join(', ').replace('GET', 'GET, HEAD');
  const detail = `${req.method} is not allowed here; allowed: ${allowed}`;
  throw new HttpError('method-not-allowed', detail, { headers: { Allow: allowed } });
}

function decode(parameters: Readonly<Record<string, string>>): Record<string, string> {
  const decoded: Record<string, string> = {};
  for (const name in parameters) {
    decoded[name] = decodePercent(parameters[name] ?? '', `The path parameter ${name}`);
  }
  return decoded;
}
