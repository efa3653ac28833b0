/** An object of a parsed JSON or YAML document. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * What a reference within a document leads to.
 *
 * @param reference a JSON Pointer as URI fragment (RFC 6901, section 6), such as
 *   `#/components/schemas/Deployment`
 * @throws Error when it leads out of the document, or to nothing
 */
export function followReference(document: unknown, reference: string): unknown {
  const [, pointer] = /^#\/(.+)$/.exec(reference) ?? [];
  const target = pointer
    ?.split('/')
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((node, key) => (isObject(node) ? node[key] : undefined), document);
  if (target === undefined) throw new Error(`${reference} leads to nothing in the document`);
  return target;
}

/**
 * An object without a `$ref`: what its reference leads to, and so on, until there is none. What is written
 * beside a `$ref` wins over what it leads to (OpenAPI 3.1, section 4.8.23). References further inside stay.
 *
 * @example resolve(document, { $ref: '#/components/parameters/RequestId' })
 * @throws Error when a reference leads to nothing, or to something that is not an object
 */
export function resolve(document: unknown, value: unknown): JsonObject {
  if (!isObject(value)) throw new TypeError(`Expected an object, found ${JSON.stringify(value)}`);
  const { $ref: reference, ...rest } = value;
  if (typeof reference !== 'string') return value;
  return { ...resolve(document, followReference(document, reference)), ...rest };
}

/**
 * A copy of a value in which there is no `$ref`, however deep.
 *
 * @throws Error when a reference leads to nothing, or back to itself
 */
export function dereference(document: unknown, value: unknown): unknown {
  const within: string[] = [];

  const copy = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(copy);
    if (!isObject(node)) return node;
    const { $ref: reference, ...rest } = node;
    if (typeof reference !== 'string') return copyFields(node);
    if (within.includes(reference)) throw new Error(`${reference} leads back to itself`);
    within.push(reference);
    const target = copy(followReference(document, reference));
    within.pop();
    return isObject(target) ? { ...target, ...copyFields(rest) } : target;
  };
  const copyFields = (fields: JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(fields).map(([key, inner]) => [key, copy(inner)]));

  return copy(value);
}

/** Whether a value of a parsed document is an object, rather than a list or a scalar. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
