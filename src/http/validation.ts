import type { IncomingHttpHeaders } from 'node:http';
import type { NextFunction, Request, Response } from 'express';
import { error as errors, middleware } from 'express-openapi-validator';
import type { Contract, ContractOperation } from '../contract/contract.js';
import { contractViolation, nothingToUpdate } from '../domain/errors.js';
import type { Violation } from '../domain/errors.js';
import { inputsOf } from './inputs.js';
import type { Inputs, Values } from './inputs.js';
import { readQuery } from './query.js';
import { strictDocument, strictFormats } from './strict-document.js';
import { maxViolations, violationsOf } from './violations.js';

/** What is asked, as it arrived. */
export interface RawRequest {
  /** Path and query, as in the request line. */
  readonly url: string;
  /** Values of the path's parameters, decoded. */
  readonly path: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  /** The parsed body; `undefined` when there was none. */
  readonly body: unknown;
}

/**
 * What is asked, as the contract describes it: types as it gives them, header names as it writes them. What
 * is absent has one form: in a query it is left out, in a body `null` or left out. An environment is in
 * lower case.
 */
export interface CheckedRequest {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Enforces the contract. */
export interface Validation {
  /**
   * Checks a request, and brings what it says into the form that operations take.
   *
   * @param request its body is changed
   * @throws ApplicationError `contract-violation` with every fault
   * @throws HttpError `malformed-request` for a query that is not well-formed
   */
  request(operation: ContractOperation, request: RawRequest): Promise<CheckedRequest>;
  /**
   * Checks a response.
   *
   * @throws Error that names each fault
   */
  response(operation: ContractOperation, status: number, contentType: string, body: unknown): void;
}

/** One of express-openapi-validator's middlewares. */
type Middleware = (req: Request, res: Response, next: NextFunction) => unknown;

/** What the validator's own routing finds out about a request: the same for all of an operation. */
type Routed = Record<string, unknown>;

/** An operation as this module works with it. */
interface Prepared {
  readonly inputs: Inputs;
  readonly routed: Routed;
  /** What the validator is told of a request once it has compiled its checks of this operation. */
  readonly afterwards: Routed;
  compiled: boolean;
  /** The headers that the contract names, as it writes them and as Node gives them. */
  readonly headers: readonly { readonly name: string; readonly key: string }[];
}

/** What is taken beside what the contract says. */
export interface ValidationOptions {
  /** Stands in where a client names no environment and the contract wants one; in lower case. */
  readonly defaultEnvironment?: string | undefined;
}

/** The validator keeps a compiled check for each Content-Type that it meets; this API takes one. */
const json = 'application/json';

/**
 * Lets express-openapi-validator check requests and responses.
 *
 * Its middlewares are meant to stand in a row in an Express app. There, for every request, the first of
 * them compiles the contract's paths to regular expressions until one matches, and the last one wraps
 * `res.json`. Here the routing is done once for each operation, when the service starts, and what it
 * yields is handed to the two that check, together with just the parts of a request or a response that
 * they read.
 */
export async function createValidation(
  contract: Contract,
  { defaultEnvironment }: ValidationOptions = {},
): Promise<Validation> {
  const middlewares = middleware({
    apiSpec: strictDocument(contract.document()) as never,
    // The linter has done that, more strictly.
    validateApiSpec: false,
    validateRequests: { allowUnknownQueryParameters: false, coerceTypes: false, allErrors: true },
    validateResponses: { removeAdditional: false, coerceTypes: false },
    // Callers are authenticated before anything is read of what they send.
    validateSecurity: false,
    formats: strictFormats,
    fileUploader: false,
  }) as Middleware[];
  const named = (name: string): Middleware => {
    const found = middlewares.find((candidate) => candidate.name === name);
    if (found === undefined) throw new Error(`express-openapi-validator has no ${name}`);
    return found;
  };
  const checkRequest = named('requestMiddleware');
  const checkResponse = await captureResponseCheck(named('responseMiddleware'));
  const inputsFor = inputsOf(contract, defaultEnvironment);
  const all = new Map<ContractOperation, Prepared>();
  for (const operation of contract.operations) {
    const headers = operation.parameters
      .filter((parameter) => parameter.in === 'header')
      .map(({ name }) => ({ name, key: name.toLowerCase() }));
    const routed = await findRoute(named('metadataMiddleware'), operation);
    const inputs = inputsFor(operation);
    const afterwards = withoutParsing(operation, inputs, routed);
    all.set(operation, { inputs, routed, afterwards, compiled: false, headers });
  }
  const prepared = (operation: ContractOperation): Prepared => {
    const found = all.get(operation);
    if (found === undefined) throw new Error(`${operation.operationId} is not of this contract`);
    return found;
  };

  return {
    async request(operation, { url, path, headers: sent, body: sentBody }) {
      const known = prepared(operation);
      const { headers: declared, inputs } = known;
      // So that what holds by default does so in both.
      const body = sentBody === undefined && inputs.bodyIsOptional ? {} : sentBody;
      const { values: query, violations } = readQuery(url, inputs.styles);
      inputs.prepare(query, body);
      const headers: Record<string, string> = {};
      const seenHeaders: Record<string, unknown> = { 'content-type': json };
      for (const { name, key } of declared) {
        const value = sent[key];
        if (value === undefined) continue;
        seenHeaders[key] = value;
        headers[name] = String(value);
      }
      const routed = known.compiled ? known.afterwards : known.routed;
      // V8 is many times slower with an object that begins with the spread of another.
      const openapi = Object.assign({}, routed, { pathParams: path });
      const seen = new SeenRequest(operation.method, url, seenHeaders, query, body, openapi);
      try {
        await run(checkRequest, seen);
        known.compiled = true;
      } catch (error) {
        if (!(error instanceof errors.BadRequest)) throw error;
        // A body of an update with nothing in it has a problem type of its own.
        if (error.errors.some(isEmptyBody)) {
          throw nothingToUpdate();
        }
        throw refuse([
          ...violations,
          ...violationsOf(error.errors, operation, contract.patternHints),
        ]);
      }
      if (violations.length > 0) throw refuse(violations);
      inputs.normalise(query, body);
      return { path, query, headers, body: body ?? {} };
    },

    response(operation, status, contentType, body) {
      const { routed } = prepared(operation);
      const fault = checkResponse(operation.method, routed, status, contentType, body);
      if (fault === undefined) return;
      if (!(fault instanceof errors.InternalServerError)) throw fault;
      const faults = fault.errors.map(({ path, message }) => `${path} ${message}`).join('; ');
      throw new Error(`The response breaks the contract: ${faults || fault.message}`);
    },
  };
}

function isEmptyBody({ path, errorCode }: { path: string; errorCode?: string }): boolean {
  return path === '/body' && errorCode?.startsWith('minProperties') === true;
}

function refuse(violations: readonly Violation[]): Error {
  return contractViolation(violations.slice(0, maxViolations));
}

/**
 * The routing of an operation without its parameters, when there is nothing to parse in them.
 *
 * Before it checks a request, the validator goes through the parameters that its routing names, and turns
 * those that hold lists, objects or JSON into what they stand for. Lists have been made by then. What it
 * checks was compiled when it met the operation for the first time, with all parameters.
 */
function withoutParsing({ parameters }: ContractOperation, inputs: Inputs, routed: Routed): Routed {
  const plain = parameters.every((parameter) => parameter.plain || parameter.in === 'query');
  if (!plain || !inputs.plain) return routed;
  return { ...routed, schema: { ...(routed['schema'] as object), parameters: [] } };
}

/** The parts of Express's request that the validator reads. */
class SeenRequest {
  readonly baseUrl = '';
  readonly method: string;
  readonly originalUrl: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly openapi: Routed | undefined;
  params: unknown = {};
  readonly #query: Values;

  constructor(
    method: string,
    url: string,
    headers: Readonly<Record<string, unknown>>,
    query: Values,
    body?: unknown,
    openapi?: Routed,
  ) {
    const [path = ''] = url.split('?', 1);
    this.method = method;
    this.originalUrl = url;
    this.path = path;
    this.headers = headers;
    this.body = body;
    this.openapi = openapi;
    this.#query = query;
  }

  /** As Express's: the validator replaces it by a property, and turns its values into numbers and flags. */
  get query(): Values {
    return this.#query;
  }
}

function run(step: Middleware, seen: SeenRequest, res: object = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    // What the validator reads of a request is what SeenRequest has; the tests hold it to that.
    step(seen as unknown as Request, res as Response, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(toError(error));
    });
  });
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

async function findRoute(route: Middleware, { method, path }: ContractOperation): Promise<Routed> {
  const app = { enabled: () => true };
  const example = path.replaceAll(/\{\w+\}/g, 'x');
  const seen = Object.assign(new SeenRequest(method, example, {}, {}), { app });
  await run(route, seen);
  if (seen.openapi === undefined) throw new Error(`The validator does not know ${method} ${path}`);
  return seen.openapi;
}

type CheckResponse = (
  method: string,
  openapi: Routed,
  status: number,
  contentType: string,
  body: unknown,
) => Error | undefined;

/** Takes the check out of the `res.json` that the validator would wrap around every response. */
async function captureResponseCheck(wrap: Middleware): Promise<CheckResponse> {
  let fault: Error | undefined;
  let type = json;
  const req = {
    method: '',
    originalUrl: '',
    headers: { 'content-type': json },
    openapi: {} as Routed,
  };
  const res = {
    statusCode: 0,
    headersSent: false,
    getHeaders: () => ({ 'content-type': type }),
    json: (_body: unknown): unknown => undefined,
  };
  await new Promise<void>((resolve) => {
    let wrapped = false;
    wrap(req as unknown as Request, res as unknown as Response, (error: unknown) => {
      // Called once when `res.json` is wrapped, and later with the fault of a response.
      if (wrapped) fault = toError(error);
      wrapped = true;
      resolve();
    });
  });
  const check = res.json;
  return (method, openapi, status, contentType, body) => {
    fault = undefined;
    req.method = method;
    req.openapi = openapi;
    res.statusCode = status;
    type = contentType;
    check.call(res, body);
    return fault;
  };
}
