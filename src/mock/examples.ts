import type { Contract } from '../contract/contract.js';
import { dereference } from '../contract/references.js';

/** A response as the contract describes it. */
export interface DescribedResponse {
  readonly status: number;
  /** The values of the headers that have an example, by name; without the id, which is the request's. */
  readonly headers: Readonly<Record<string, string>>;
  /** The media type of its body; `undefined` when it has none. */
  readonly mediaType: string | undefined;
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

/** The operations by path and method, as far as they are read here. */
type Paths = Readonly<
  Record<
    string,
    Readonly<Record<string, { readonly responses: Readonly<Record<string, ResponseObject>> }>>
  >
>;

/** Every response that the contract describes: by operationId, then by status, success first. */
export function describedResponses(
  contract: Contract,
): ReadonlyMap<string, ReadonlyMap<string, DescribedResponse>> {
  const document = contract.document();
  // The contract has been linted, so what it describes has this shape.
  const paths = dereference(document, document['paths']) as Paths;
  return new Map(
    contract.operations.map(({ operationId, method, path }) => {
      const { responses } = paths[path]?.[method.toLowerCase()] ?? { responses: {} };
      const described = Object.entries(responses).map(
        ([status, response]): [string, DescribedResponse] => [status, toResponse(status, response)],
      );
      return [operationId, new Map(described)];
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
    mediaType: Object.keys(content)[0],
    bodies: new Map(examples.map(([name, { value }]) => [name, value])),
  };
}
