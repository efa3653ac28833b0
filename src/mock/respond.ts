import type { Response } from 'express';
import type { Respond } from '../http/pipeline.js';
import { setTenantCaching } from '../http/caching.js';
import { HttpError } from '../http/problem.js';
import type { Validation } from '../http/validation.js';
import type { Contract, ContractOperation } from '../contract/contract.js';
import { describedResponses } from './examples.js';
import type { DescribedResponse } from './examples.js';
import { readPreference } from './preference.js';

/** Responds to a request that keeps the contract with the contract's examples. */
export function respondWithExamples(contract: Contract, validation: Validation): Respond {
  const responses = describedResponses(contract);

  return (operation, request, _caller, res) => {
    const { code, example } = readPreference(res.req.get('prefer'));
    const described = responses.get(operation.operationId) ?? new Map<string, DescribedResponse>();
    const response = choose(described, code ?? successOf(described), 'code');
    const body = bodyOf(response, example, res.req.path);
    // There are two pages: the first names the second, so that following them comes to an end.
    const { Link, ...headers } = response.headers;
    const first = request.query['cursor'] === undefined;
    setTenantCaching(res);
    res.status(response.status).set('X-Request-Id', res.locals.requestId).set(headers);
    if (Link !== undefined && first) res.set({ Link: pageOf(res.req.path, Link) });
    send(validation, operation, res, response.mediaType, body);
  };
}

/** The contract has one example of a `Link` for all that comes in pages: the query in it, with this path. */
function pageOf(path: string, link: string): string {
  return link.replace(/^<[^?>]*/, () => `<${path}`);
}

function send(
  validation: Validation,
  operation: ContractOperation,
  res: Response,
  mediaType: string | undefined,
  body: unknown,
): void {
  if (body === undefined || mediaType === undefined) {
    res.end();
    return;
  }
  res.type(mediaType);
  if (typeof body === 'string') {
    // A stream that ends after its example.
    res.end(body);
    return;
  }
  validation.response(operation, res.statusCode, mediaType, body);
  res.json(body);
}

/** The body; `undefined` when the response has none. A problem is one of the path that was asked for. */
function bodyOf({ status, bodies }: DescribedResponse, example: string | undefined, path: string) {
  const [first] = bodies.keys();
  if (first === undefined) return undefined;
  const body = choose(bodies, example ?? first, 'example');
  return status < 400 ? body : { ...(body as object), instance: path };
}

function successOf(described: ReadonlyMap<string, DescribedResponse>): string {
  return [...described.keys()].find((code) => code.startsWith('2')) ?? '';
}

function choose<T>(among: ReadonlyMap<string, T>, name: string, preference: string): T {
  const chosen = among.get(name);
  if (chosen !== undefined) return chosen;
  const allowed = [...among.keys()].join(', ');
  const detail = `Prefer: the contract has no ${preference} ${JSON.stringify(name)} here; allowed: ${allowed}`;
  throw new HttpError('malformed-request', detail);
}
