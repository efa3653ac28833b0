import type { ErrorRequestHandler, Request, RequestHandler } from 'express';
import { error as errors, middleware } from 'express-openapi-validator';
import type { Contract, ContractOperation } from '../contract.js';
import { contractViolation, nothingToUpdate } from '../domain/refusal.js';
import type { Violation } from '../domain/refusal.js';
import { HttpProblem, routeNotFound } from './problem.js';

/** One fault as express-openapi-validator reports it. */
interface Fault {
  readonly path: string;
  readonly message: string;
  readonly errorCode?: string;
}

/** How many faults are told at once: enough to mend a request, not enough to make an answer large. */
const mostFaults = 20;

/** What the validator found out about a request's path. */
export interface MatchedPath {
  /** The contract's path template. */
  readonly openApiRoute: string;
  readonly pathParams: Readonly<Record<string, string>>;
}

/** The path that the validator matched; `undefined` before it has run. */
export function matchedPath(req: Request): MatchedPath | undefined {
  // The validator's types do not say that it adds this to Express's request.
  return (req as { openapi?: MatchedPath }).openapi;
}

/** Enforces the contract on requests and on responses. */
export function enforceContract(contract: Contract): RequestHandler[] {
  return middleware({
    apiSpec: permitReserved(contract.document()) as never,
    // The linter has done that, more strictly.
    validateApiSpec: false,
    validateRequests: { allowUnknownQueryParameters: false, coerceTypes: false, allErrors: true },
    validateResponses: { removeAdditional: false, coerceTypes: false },
    // Callers are authenticated before anything is read of what they send.
    validateSecurity: false,
    fileUploader: false,
  }) as RequestHandler[];
}

/** Turns what the validator throws into the answer for it; anything else passes. */
export function translateViolations(contract: Contract): ErrorRequestHandler {
  return (error: unknown, req, _res, next) => {
    if (error instanceof errors.BadRequest) {
      if (error.message.startsWith('malformed uri')) {
        next(new HttpProblem('malformed-request', 'The path is not well-formed percent-encoding'));
        return;
      }
      const operation = contract.operations.find(
        ({ method, path }) => method === req.method && path === matchedPath(req)?.openApiRoute,
      );
      // The contract's one `minProperties` has an answer of its own.
      if (error.errors.some((fault) => fault.errorCode?.startsWith('minProperties'))) {
        next(nothingToUpdate());
        return;
      }
      const faults = error.errors.slice(0, mostFaults);
      next(contractViolation(violationsOf(faults, operation, contract.patternHints)));
    } else if (error instanceof errors.NotFound) {
      next(routeNotFound(req.path));
    } else if (error instanceof errors.MethodNotAllowed) {
      const { Allow: named = '' } = error.headers ?? {};
      const allowed = named.replace('GET', 'GET, HEAD');
      const detail = `${req.method} is not allowed here; allowed: ${allowed}`;
      next(new HttpProblem('method-not-allowed', detail, { headers: { Allow: allowed } }));
    } else if (error instanceof errors.InternalServerError) {
      const faults = error.errors.map(({ path, message }) => `${path} ${message}`).join('; ');
      next(new Error(`The response breaks the contract: ${faults || error.message}`));
    } else {
      next(error);
    }
  };
}

function violationsOf(
  faults: readonly Fault[],
  operation: ContractOperation | undefined,
  hints: Contract['patternHints'],
): Violation[] {
  return faults.map(({ path, message, errorCode = '' }) => {
    const [, place = '', ...rest] = path.split('/');
    const name = rest.join('/');
    if (place === 'body') {
      const pointer = name === '' ? '#' : `#/${name}`;
      return { pointer, message: explainBody(message, errorCode, name, operation, hints) };
    }
    return {
      parameter: parameterName(place, name, operation),
      message: explainParameter(message, place, operation, hints),
    };
  });
}

function explainBody(
  message: string,
  errorCode: string,
  name: string,
  operation: ContractOperation | undefined,
  hints: Contract['patternHints'],
): string {
  const fields = operation?.bodyFields.join(', ') ?? '';
  if (errorCode.startsWith('additionalProperties'))
    return `is not a known field; allowed: ${fields}`;
  if (errorCode.startsWith('required')) {
    return name === '' ? `a JSON object is required, with fields of: ${fields}` : 'is required';
  }
  return hint(message, hints);
}

function explainParameter(
  message: string,
  place: string,
  operation: ContractOperation | undefined,
  hints: Contract['patternHints'],
): string {
  if (message.startsWith('Unknown query parameter')) {
    const names = (operation?.parameters ?? [])
      .filter((parameter) => parameter.in === 'query')
      .map((parameter) => parameter.name);
    const allowed = names.length === 0 ? 'none' : names.join(', ');
    return `is not a known ${place} parameter; allowed: ${allowed}`;
  }
  if (message.startsWith('Empty value found')) return 'must not be empty';
  if (message.startsWith('must have required property')) return 'is required';
  return hint(message, hints);
}

/** Says in words what the validator says in its own. */
function hint(message: string, hints: Contract['patternHints']): string {
  if (message === 'must match format "uuid"') return 'must be a UUID';
  if (message === 'must be string,null') return 'must be string or null';
  const [, pattern] = /^must match pattern "(.*)"$/s.exec(message) ?? [];
  return (pattern !== undefined ? hints.get(pattern) : undefined) ?? message;
}

/** The parameter's name as the contract writes it: Node gives header names in lower case. */
function parameterName(
  place: string,
  name: string,
  operation: ContractOperation | undefined,
): string {
  if (place !== 'headers') return name;
  const declared = operation?.parameters.find(
    (parameter) => parameter.in === 'header' && parameter.name.toLowerCase() === name.toLowerCase(),
  );
  return declared?.name ?? name;
}

/**
 * Lets query parameters hold characters such as `/` and `:` as they are, which RFC 3986 permits in a
 * query and the validator refuses unless told otherwise.
 */
function permitReserved(document: ReturnType<Contract['document']>): unknown {
  return JSON.parse(JSON.stringify(document), (_key, value: unknown) =>
    typeof value === 'object' && value !== null && 'in' in value && value.in === 'query'
      ? { ...value, allowReserved: true }
      : value,
  );
}
