import type { Contract } from '../contract/contract.js';
import { isObject } from '../contract/references.js';
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

/**
 * The contract as the service holds requests and its own responses to it. The published document says
 * nothing that a generator or an engine of regular expressions in some other language cannot read, and
 * lets responses grow; here
 *
 * - all text is Unicode: no pattern that RE2 or Rust can compile speaks of surrogates;
 * - what the service says of instants is in UTC and has milliseconds;
 * - an object holds what is named and nothing else, in responses too;
 * - query parameters may hold characters such as `/` and `:` as they are, which RFC 3986 permits in a
 *   query and the validator refuses unless told otherwise;
 * - the paths begin at the root, wherever clients find the service.
 *
 * @param document a copy of the contract's document
 */
export function strictDocument(document: ReturnType<Contract['document']>): unknown {
  return JSON.parse(JSON.stringify({ ...document, servers: [{ url: '/' }] }), (key, value) => {
    if (!isObject(value)) return value as unknown;
    return instants.has(key) ? { ...value, pattern: instant } : strict(value);
  });
}

/** What an object of the document becomes: a schema, a parameter, or any other, which stays. */
function strict(value: JsonObject): JsonObject {
  const { type } = value;
  if (type === 'object') return { additionalProperties: false, ...value };
  const isText = type === 'string' || (Array.isArray(type) && type.includes('string'));
  if (isText && !('enum' in value) && !('format' in value)) return { ...value, format: 'unicode' };
  return value['in'] === 'query' ? { ...value, allowReserved: true } : value;
}
