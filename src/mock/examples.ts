import { OpenAPIBackend } from 'openapi-backend';
import type { Document } from 'openapi-backend';
import type { Contract } from '../contract/contract.js';

/** An answer as the contract describes it. */
export interface DescribedResponse {
  readonly status: number;
  /** The values of the headers that have an example, by name; without the id, which is the request's. */
  readonly headers: Readonly<Record<string, string>>;
  /** The examples of its body, by name, the first one first; none when it has no body. */
  readonly bodies: ReadonlyMap<string, unknown>;
}

/** The part of a response object (OpenAPI 3.1, section 4.8.17) that is read here, without `$ref`. */
interface ResponseObject {
  readonly headers?: Readonly<Record<string, { readonly example?: unknown }>>;
  readonly content?: Readonly<
    Record<string, { readonly examples?: Readonly<Record<string, { readonly value: unknown }>> }>
  >;
}

/** Every answer that the contract describes: by operationId, then by status, success first. */
export async function describedResponses(
  contract: Contract,
): Promise<ReadonlyMap<string, ReadonlyMap<string, DescribedResponse>>> {
  const backend = new OpenAPIBackend({
    definition: contract.document() as unknown as Document,
    // As in routing: it knows OpenAPI 3.0 only, and here it follows references and nothing else.
    quick: true,
    validate: false,
    strict: true,
  });
  await backend.init();
  return new Map(
    contract.operations.map(({ operationId }) => {
      // The contract has been linted, so what it describes has this shape.
      const described = backend.router.getOperation(operationId)?.responses as unknown as Readonly<
        Record<string, ResponseObject>
      >;
      const answers = Object.entries(described).map(
        ([status, response]): [string, DescribedResponse] => [status, toResponse(status, response)],
      );
      return [operationId, new Map(answers)];
    }),
  );
}

function toResponse(
  status: string,
  { headers = {}, content = {} }: ResponseObject,
): DescribedResponse {
  const examples = Object.values(content).flatMap((media) => Object.entries(media.examples ?? {}));
  return {
    status: Number(status),
    headers: Object.fromEntries(
      Object.entries(headers).flatMap(([name, { example }]) =>
        name !== 'X-Request-Id' && (typeof example === 'string' || typeof example === 'number')
          ? [[name, String(example)]]
          : [],
      ),
    ),
    bodies: new Map(examples.map(([name, { value }]) => [name, value])),
  };
}
