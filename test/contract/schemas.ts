/** A schema of the contract, some of it. */
export interface Schema {
  readonly type: string | readonly string[];
  readonly description?: string;
  readonly pattern?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly additionalProperties?: unknown;
}

const types = ['object', 'array', 'string', 'integer', 'number', 'boolean', 'null'];

/** Every schema of a document, those inside others included. */
export function everySchema(document: object): Schema[] {
  return reachable(document, document).filter(isSchema);
}

/** The schemas of the bodies that callers send, and what these refer to. */
export function schemasOfRequests(document: object): Schema[] {
  return operationsOf(document).flatMap((operation) => below(document, operation, 'requestBody'));
}

/** The schemas of the bodies that the service answers, and what these refer to. */
export function schemasOfResponses(document: object): Schema[] {
  return operationsOf(document).flatMap((operation) => below(document, operation, 'responses'));
}

/** A schema, for people. */
export function title(schema: Schema): string {
  return JSON.stringify(schema).slice(0, 200);
}

function operationsOf(document: object): object[] {
  return reachable(document, document).filter((value) => 'operationId' in value && 'tags' in value);
}

function below(document: object, operation: object, key: string): Schema[] {
  const value: unknown = Reflect.get(operation, key);
  return isObject(value) ? reachable(document, value).filter(isSchema) : [];
}

/** An object of the document and all objects in it, through references, each once; no examples. */
function reachable(document: object, from: object): object[] {
  const found = new Set<object>();
  const visit = (value: unknown): void => {
    if (!isObject(value) || found.has(value)) return;
    found.add(value);
    for (const [key, inner] of Object.entries(value)) {
      if (key === '$ref') visit(resolve(document, String(inner)));
      // Headers and links have schemas and names of their own.
      else if (!['example', 'examples', 'headers', 'links'].includes(key)) visit(inner);
    }
  };
  visit(from);
  return [...found];
}

function resolve(document: object, ref: string): unknown {
  return ref
    .slice('#/'.length)
    .split('/')
    .reduce(
      (node: unknown, key) => (isObject(node) ? Reflect.get(node, key) : undefined),
      document,
    );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isSchema(value: object): value is Schema {
  return 'type' in value && [value.type].flat().every((type) => types.includes(String(type)));
}
