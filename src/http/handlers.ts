import { OpenAPIBackend } from 'openapi-backend';
import type { Document, Handler } from 'openapi-backend';
import type { Contract, ContractOperation } from '../contract/contract.js';
import type { EventStream, OperationContext, Operations } from '../operations/operation.js';
import type { CheckedRequest } from './validation.js';

/** The response of an operation, whatever operation it is. */
export interface AnyResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent where the response is empty, or a stream. */
  readonly body?: unknown;
  readonly stream?: EventStream;
}

/** An operation, whatever operation it is: the contract's types have been checked by now. */
export type AnyOperation = (
  request: CheckedRequest,
  context: OperationContext,
) => Promise<AnyResponse>;

/**
 * Binds an operation to each operationId of the contract.
 *
 * openapi-backend refuses a handler without an operationId, and one that is missing is refused here.
 * It would also parse and route every request; that has been done by the time an operation is needed
 * (`createRouteMatcher`), so it hands out the handler that it has bound.
 */
export async function bindOperations(
  contract: Contract,
  operations: Operations,
): Promise<(operation: ContractOperation) => AnyOperation> {
  const backend = new OpenAPIBackend({
    definition: contract.document() as unknown as Document,
    // No check of the document, since it knows OpenAPI 3.0 only, nor of requests, which
    // express-openapi-validator checks.
    quick: true,
    validate: false,
    strict: true,
    handlers: { ...operations } as unknown as Record<string, Handler>,
  });
  await backend.init();
  for (const { operationId } of contract.operations) {
    if (backend.handlers[operationId] === undefined) {
      throw new Error(`No handler is bound to ${operationId}`);
    }
  }
  // The contract's operationIds are the keys of `Operations`, whose types are generated from it.
  return ({ operationId }) => backend.handlers[operationId] as unknown as AnyOperation;
}
