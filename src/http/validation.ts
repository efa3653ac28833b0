import type { IncomingHttpHeaders } from 'node:http';
import type { Response } from 'express';
import { BadRequest, InternalServerError } from 'express-openapi-validator/dist/framework/types.js';
import type {
  OpenApiRequest,
  OpenApiRequestMetadata,
} from 'express-openapi-validator/dist/framework/types.js';
import { RequestValidator } from 'express-openapi-validator/dist/middlewares/openapi.request.validator.js';
import { ResponseValidator } from 'express-openapi-validator/dist/middlewares/openapi.response.validator.js';
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
  request(operation: ContractOperation, request: RawRequest): CheckedRequest;
  /**
   * Checks a response.
   *
   * @throws Error that names each fault
   */
  response(operation: ContractOperation, status: number, contentType: string, body: unknown): void;
}

/** An operation as the validator takes it. */
type Routed = Omit<OpenApiRequestMetadata, 'serial'>;

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

/** The validator wants a response beside a request, and does nothing with it. */
const unused = Object.create(null) as Response;

/** The validator keeps a compiled check for each Content-Type that it meets; this API takes one. */
const json = 'application/json';

/**
 * Lets express-openapi-validator check requests and responses.
 *
 * Its middlewares are meant to stand in a row in an Express app. There they resolve and compile the contract
 * when the service starts, and compile its paths to regular expressions for every request until one matches.
 * Here the two validators behind them are used alone: they get one operation at a time, which the router has
 * found, and just the parts of a request or a response that they read. A check is compiled when an operation
 * is used for the first time.
 */
export function createValidation(
  contract: Contract,
  { defaultEnvironment }: ValidationOptions = {},
): Validation {
  const { requests, responses, routedOf } = checksOf(contract);
  const inputsFor = inputsOf(contract, defaultEnvironment);
  const all = new Map<ContractOperation, Prepared>();
  const prepare = (operation: ContractOperation): Prepared => {
    const headers = operation.parameters
      .filter((parameter) => parameter.in === 'header')
      .map(({ name }) => ({ name, key: name.toLowerCase() }));
    const routed = routedOf(operation);
    const inputs = inputsFor(operation);
    const afterwards = withoutParsing(operation, inputs, routed);
    return { inputs, routed, afterwards, compiled: false, headers };
  };
  const prepared = (operation: ContractOperation): Prepared => {
    const known = all.get(operation);
    if (known !== undefined) return known;
    const made = prepare(operation);
    all.set(operation, made);
    return made;
  };

  return {
    request(operation, { url, path, headers: sent, body: sentBody }) {
      const found = prepared(operation);
      const { headers: declared, inputs } = found;
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
      const routed = found.compiled ? found.afterwards : found.routed;
      // V8 is many times slower with an object that begins with the spread of another.
      const openapi = Object.assign({}, routed, { pathParams: path });
      const seen = new SeenRequest(operation.method, url, seenHeaders, query, body, openapi);
      try {
        // What the validator reads of a request is what SeenRequest has; the tests hold it to that.
        void requests.validate(seen as unknown as OpenApiRequest, unused, () => undefined);
        found.compiled = true;
      } catch (error) {
        if (!(error instanceof BadRequest)) throw error;
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
      const { method, path } = operation;
      const req = { method, headers: {}, openapi: routed } as unknown as OpenApiRequest;
      const validators = responses._getOrBuildValidator(req, routed.schema.responses ?? {});
      const seen = { body: body as object, statusCode: status, path, accepts: [contentType] };
      const fault = faultOf(() => {
        responses._validate({ validators, ...seen });
      });
      if (fault === undefined) return;
      const faults = fault.errors.map((each) => `${each.path} ${each.message}`).join('; ');
      throw new Error(`The response breaks the contract: ${faults || fault.message}`);
    },
  };
}

/** What the validator finds wrong with a response. */
function faultOf(check: () => void): InternalServerError | undefined {
  try {
    check();
  } catch (error) {
    if (error instanceof InternalServerError) return error;
    throw error;
  }
  return undefined;
}

/** The checks of a contract, which compile as they are used. */
interface Checks {
  readonly requests: RequestValidator;
  readonly responses: ResponseValidator;
  readonly routedOf: (operation: ContractOperation) => Routed;
}

/** Services of the same process, as tests start many, share what they have compiled. */
const checksByContract = new WeakMap<Contract, Checks>();

function checksOf(contract: Contract): Checks {
  const checks = checksByContract.get(contract) ?? makeChecks(contract);
  checksByContract.set(contract, checks);
  return checks;
}

function makeChecks(contract: Contract): Checks {
  const strict = strictDocument(contract);
  // All that they would look up in it is handed to them.
  const document = { openapi: '3.1.0', components: {} } as never;
  const shared = {
    strict: false,
    strictNumbers: true,
    // The linter has done that, more strictly.
    validateSchema: false,
    schemas: strict.schemas,
    formats: strictFormats,
    ajvFormats: { mode: 'fast' },
  } as const;
  const requests = new RequestValidator(document, {
    ...shared,
    allErrors: true,
    useDefaults: true,
    allowUnknownQueryParameters: false,
  });
  const responses = new ResponseValidator(document, shared);
  return {
    requests,
    responses,
    routedOf(operation) {
      const schema = strict.operation(operation) as unknown as Routed['schema'];
      const { path } = operation;
      return { expressRoute: path, openApiRoute: path, pathParams: {}, schema };
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
  return { ...routed, schema: { ...routed.schema, parameters: [] } };
}

/** The parts of Express's request that the validator reads. */
class SeenRequest {
  readonly baseUrl = '';
  readonly method: string;
  readonly originalUrl: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly openapi: Routed;
  params: unknown = {};
  readonly #query: Values;

  constructor(
    method: string,
    url: string,
    headers: Readonly<Record<string, unknown>>,
    query: Values,
    body: unknown,
    openapi: Routed,
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
