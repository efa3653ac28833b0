import type { Request, RequestHandler, Response } from 'express';
import { OpenAPIBackend } from 'openapi-backend';
import type { Document } from 'openapi-backend';
import type { Contract, ContractOperation } from '../contract.js';
import { Refusal } from '../domain/refusal.js';
import type { OperationContext, OperationId, Operations } from '../operations/operation.js';
import { routeNotFound } from './problem.js';
import { matchedPath } from './validation.js';

/** What every operation works with, whoever calls. */
export type SharedContext = Omit<OperationContext, 'caller'>;

/** An operation whatever it is: here the contract's types have done their work. */
type AnyOperation = (
  request: { path: unknown; query: unknown; headers: unknown; body: unknown },
  context: OperationContext,
) => Promise<{ status: number; headers: Record<string, string | undefined>; body: unknown }>;

/** Hands a validated request to the operation that the contract names. */
export async function routeToOperations(
  contract: Contract,
  operations: Operations,
  shared: SharedContext,
): Promise<RequestHandler> {
  const backend = new OpenAPIBackend({
    definition: contract.document() as unknown as Document,
    // Without its own check of the document, which knows OpenAPI 3.0 only, and of the request,
    // which has been validated.
    quick: true,
    validate: false,
    strict: true,
    // Who calls was found out before; a request that got past that is refused here all the same.
    securityHandlers: {
      bearer: (_context: unknown, _req: Request, res: Response) => res.locals.caller !== undefined,
    },
    handlers: {
      ...Object.fromEntries(
        contract.operations.map((described) => [
          described.operationId,
          bind(described, operations, shared),
        ]),
      ),
      // Of a path like `/`, above all of the contract's, the validator says nothing.
      notFound: (_context: unknown, req: Request) => {
        throw routeNotFound(req.path);
      },
    },
  });
  await backend.init();

  return async ({ method, path }, res) => {
    await backend.handleRequest({ method, path, headers: {} }, res.req, res);
  };
}

function bind(described: ContractOperation, operations: Operations, shared: SharedContext) {
  // The contract's operationIds are the keys of `Operations`, whose types are generated from it, and
  // what the contract says of a request is enforced before an operation gets it.
  const operation = operations[described.operationId as OperationId] as unknown as AnyOperation;
  const headerNames = described.parameters
    .filter((parameter) => parameter.in === 'header')
    .map((parameter) => parameter.name);

  return async (_context: unknown, req: Request, res: Response): Promise<void> => {
    const { caller } = res.locals;
    if (caller === undefined) throw new Refusal('unauthenticated', 'Authentication is required');
    const request = {
      path: matchedPath(req)?.pathParams,
      query: req.query,
      headers: headersOf(req, headerNames),
      // Where no field is required, the validator lets a missing body pass: nothing was sent.
      body: (req.body ?? {}) as unknown,
    };
    const answer = await operation(request, { ...shared, caller });
    res.status(answer.status).set(answer.headers).json(answer.body);
  };
}

function headersOf(req: Request, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = req.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
