import type { Contract, ContractOperation } from '../contract/contract.js';
import { isObject, resolve } from '../contract/references.js';
import type { JsonObject } from '../contract/references.js';

/**
 * The formats that {@link strictDocument} adds, as express-openapi-validator takes them.
 *
 * `unicode`: text without unpaired surrogates, which JSON can write as `"\ud800"` (RFC 8259, section
 * 8.2) and UTF-8 cannot.
 *
 * `date-time`: as RFC 3339 has it (section 5.6). The validator's own takes offsets of ISO 8601 as well, such
 * as `+0530`, which other readers of the field refuse.
 */
export const strictFormats: Readonly<Record<string, { type: 'string'; validate: RegExp }>> = {
  unicode: { type: 'string', validate: /^\P{Surrogate}*$/u },
  'date-time': {
    type: 'string',
    validate:
      /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i,
  },
};

/** How the service writes instants; a `pattern` beside `date-time` keeps generated clients from reading them. */
const instant = String.raw`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$`;

/** The schemas of instants that the service writes. */
const instants: ReadonlySet<string> = new Set(['Timestamp', 'NullableTimestamp']);

/** The contract as the service holds requests and its own responses to it. */
export interface StrictDocument {
  /** The contract's schemas by URI, which is how they refer to each other. */
  readonly schemas: Readonly<Record<string, object>>;
  /** An operation's parameters, body and responses, of which only schemas are by reference. */
  operation(operation: ContractOperation): JsonObject;
}

/**
 * Makes the contract stricter. The published document says nothing that a generator or an engine of regular
 * expressions in some other language cannot read, and lets responses grow; here
 *
 * - all text is Unicode: no pattern that RE2 or Rust can compile speaks of surrogates;
 * - what the service says of instants is in UTC and has milliseconds;
 * - an object holds what is named and nothing else, in responses too;
 * - query parameters may hold characters such as `/` and `:` as they are, which RFC 3986 permits in a
 *   query and the validator refuses unless told otherwise.
 *
 * Every schema has a URI, so that a validator compiles it once: what a pointer leads to is compiled again for
 * every operation that uses it.
 */
export function strictDocument(contract: Contract): StrictDocument {
  const document = contract.document();
  const { schemas } = document['components'] as { schemas: Record<string, object> };
  const resolved = (value: unknown): JsonObject => resolve(document, value);

  return {
    schemas: Object.fromEntries(
      Object.entries(strictly(schemas)).map(([name, schema]) => [uriOf(name), schema]),
    ),
    operation({ path, method }) {
      const item = resolved((document['paths'] as JsonObject)[path]);
      const { parameters = [], requestBody, responses } = resolved(item[method.toLowerCase()]);
      const all = [...((item['parameters'] ?? []) as unknown[]), ...(parameters as unknown[])];
      return strictly({
        // The validator looks into these schemas, not only at what they say of a value.
        parameters: all.map((each) => inlineSchema(resolved(each), resolved)),
        ...(requestBody !== undefined && {
          requestBody: contentOf(resolved(requestBody), (media) => inlineSchema(media, resolved)),
        }),
        responses: Object.fromEntries(
          Object.entries(responses as JsonObject).map(([status, response]) => [
            status,
            contentOf(resolved(response), ({ schema }) => ({ schema })),
          ]),
        ),
      });
    },
  };
}

/** What a schema is called, rather than where it stands in the document. */
function uriOf(name: string): string {
  return `contract:${name}`;
}

const schemaPointer = '#/components/schemas/';

function inlineSchema(
  { schema, ...rest }: JsonObject,
  resolved: (value: unknown) => JsonObject,
): JsonObject {
  return { ...rest, schema: resolved(schema) };
}

/** A body or a response, of which only what it holds is checked. */
function contentOf(
  { content, required }: JsonObject,
  map: (media: JsonObject) => JsonObject,
): JsonObject {
  if (content === undefined) return {};
  const media = Object.entries(content as Record<string, JsonObject>);
  return {
    ...(required !== undefined && { required }),
    content: Object.fromEntries(media.map(([type, value]) => [type, map(value)])),
  };
}

/** A copy of a part of the document, made stricter. */
function strictly<Part>(part: Part): Part {
  return JSON.parse(JSON.stringify(part), (key, value: unknown) => {
    if (key === '$ref' && typeof value === 'string' && value.startsWith(schemaPointer)) {
      return uriOf(value.slice(schemaPointer.length));
    }
    if (!isObject(value)) return value;
    return instants.has(key) ? { ...value, pattern: instant } : strict(value);
  }) as Part;
}

/** What an object of the document becomes: a schema, a parameter, or any other, which stays. */
function strict(value: JsonObject): JsonObject {
  const { type } = value;
  if (type === 'object') return { additionalProperties: false, ...value };
  const isText = type === 'string' || (Array.isArray(type) && type.includes('string'));
  if (isText && !('enum' in value) && !('format' in value)) return { ...value, format: 'unicode' };
  return value['in'] === 'query' ? { ...value, allowReserved: true } : value;
}
