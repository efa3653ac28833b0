import type { Request, RequestHandler } from 'express';
import type { Authenticate } from '../auth/authenticate.js';
import type { Contract, ContractOperation } from '../contract.js';
import type { OperationContext, Operations } from '../operations/operation.js';
import { createAnswerWriter } from './answer.js';
import type { ReadBody } from './body.js';
import { HttpProblem, routeNotFound } from './problem.js';
import type { Admit } from './rate-limit.js';
import type { Route } from './route-matcher.js';
import { bindOperations } from './routing.js';
import type { Validation } from './validation.js';

/** What every operation works with, whoever calls. */
export type SharedContext = Omit<OperationContext, 'caller'>;

/** What answering takes. */
export interface AnsweringParts {
  readonly contract: Contract;
  readonly operations: Operations;
  readonly validation: Validation;
  readonly authenticate: Authenticate;
  /** Holds the caller's organisation to its rate; `undefined` without a limit. */
  readonly admit: Admit | undefined;
  readonly readBody: ReadBody;
  readonly shared: SharedContext;
}

/** Answers the paths of the contract: who asks, what is asked, what comes of it. */
export async function answerOperations(parts: AnsweringParts): Promise<RequestHandler> {
  const { contract, operations, validation, authenticate, admit, readBody, shared } = parts;
  const operationOf = await bindOperations(contract, operations);
  const write = createAnswerWriter(validation);

  return async (req, res, next) => {
    const { route, log } = res.locals;
    if (route === undefined) {
      next();
      return;
    }
    const caller = await authenticate(req.headers, log);
    res.locals.caller = caller;
    admit?.(res, caller.organisation);
    const operation = requireOperation(req, route);
    const path = decode(route.parameters);
    const body = await readBody(req, res);

    const raw = { url: req.url, path, headers: req.headers, body };
    const request = await validation.request(operation, raw);
    const answer = await operationOf(operation)(request, { ...shared, caller });

    write(res, operation, answer);
  };
}

/** Answers every other path: whoever is not known learns nothing, not even that it is not there. */
export function answerUnknownPaths({
  authenticate,
  admit,
}: Pick<AnsweringParts, 'authenticate' | 'admit'>): RequestHandler {
  return async (req, res) => {
    const caller = await authenticate(req.headers, res.locals.log);
    res.locals.caller = caller;
    admit?.(res, caller.organisation);
    throw routeNotFound(req.path);
  };
}

function requireOperation(req: Request, route: Route): ContractOperation {
  if (route.operation !== undefined) return route.operation;
  const allowed = route.methods.join(', ').replace('GET', 'GET, HEAD');
  const detail = `${req.method} is not allowed here; allowed: ${allowed}`;
  throw new HttpProblem('method-not-allowed', detail, { headers: { Allow: allowed } });
}

function decode(parameters: Readonly<Record<string, string>>): Record<string, string> {
  const decoded: Record<string, string> = {};
  try {
    for (const name in parameters) decoded[name] = decodeURIComponent(parameters[name] ?? '');
  } catch {
    throw new HttpProblem('malformed-request', 'The path is not well-formed percent-encoding');
  }
  return decoded;
}
