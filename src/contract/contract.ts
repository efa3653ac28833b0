import { readFileSync } from 'node:fs';
import { packageFile } from '../platform/package-file.js';
import { resolve } from './references.js';
import type { JsonObject } from './references.js';

/** A parameter of an operation, resolved. */
export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'header' | 'path';
  /** Whether its value is one text, number or flag, rather than a list, an object or JSON. */
  readonly plain: boolean;
}

/** An operation of the contract. */
export interface ContractOperation {
  readonly operationId: string;
  /** In upper case. */
  readonly method: string;
  /** The path template, such as `/v1/deployments/{id}`. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** The names of the body's fields; none when there is no body. */
  readonly bodyFields: readonly string[];
  /** What a successful response holds: one deployment, an array of them, or something else. */
  readonly responseBody: 'deployment' | 'deployments' | 'other';
}

/** The contract, `openapi.yaml`, as the service works with it. */
export interface Contract {
  /** A copy of the document, which the caller may change. */
  document(): Record<string, unknown>;
  /** The document as it was written, for people. */
  readonly yaml: string;
  readonly version: string;
  readonly operations: readonly ContractOperation[];
  /** What to say of a value that does not match a `pattern`, by pattern. */
  readonly patternHints: ReadonlyMap<string, string>;
}

const plainTypes = new Set(['string', 'integer', 'number', 'boolean']);
const deploymentSchema = '#/components/schemas/Deployment';
const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

let loaded: Contract | undefined;

/** The contract that ships with the package, read once. */
export function loadContract(): Contract {
  loaded ??= readContract();
  return loaded;
}

function readContract(): Contract {
  const json = readFileSync(packageFile('generated/openapi.json'), 'utf8');
  const parse = () => object(JSON.parse(json));
  const document = parse();
  return {
    document: parse,
    yaml: readFileSync(packageFile('openapi.yaml'), 'utf8'),
    version: text(object(document['info'])['version']),
    operations: operationsOf(document),
    patternHints: new Map(hintsOf(document)),
  };
}

function operationsOf(document: JsonObject): ContractOperation[] {
  return Object.entries(object(document['paths'])).flatMap(([path, item]) => {
    const shared = array(object(item)['parameters']);
    return Object.entries(object(item))
      .filter(([method]) => methods.includes(method))
      .map(([method, value]) => {
        const operation = object(value);
        const parameters = [...shared, ...array(operation['parameters'])].map((parameter) => {
          const { name, in: location, schema } = resolve(document, parameter);
          const { type } = resolve(document, schema ?? {});
          const plain = plainTypes.has(text(type));
          return { name: text(name), in: location as Parameter['in'], plain };
        });
        return {
          operationId: text(operation['operationId']),
          method: method.toUpperCase(),
          path,
          parameters,
          bodyFields: bodyFieldsOf(document, operation),
          responseBody: responseBodyOf(document, operation),
        };
      });
  });
}

function bodyFieldsOf(document: JsonObject, operation: JsonObject): string[] {
  const content = object(resolve(document, operation['requestBody'] ?? {})['content']);
  const schema = object(content['application/json'])['schema'];
  return Object.keys(object(resolve(document, schema ?? {})['properties']));
}

function responseBodyOf(
  document: JsonObject,
  operation: JsonObject,
): ContractOperation['responseBody'] {
  const kinds = Object.entries(object(operation['responses']))
    .filter(([status]) => status.startsWith('2'))
    .map(([, response]) => {
      const content = object(resolve(document, response)['content']);
      const { $ref: ref, items } = object(object(content['application/json'])['schema']);
      if (ref === deploymentSchema) return 'deployment';
      return object(items)['$ref'] === deploymentSchema ? 'deployments' : 'other';
    });
  const [kind = 'other', ...others] = new Set(kinds);
  return others.length === 0 ? kind : 'other';
}

function hintsOf(value: unknown): [string, string][] {
  if (Array.isArray(value)) return value.flatMap(hintsOf);
  const fields = object(value);
  const { pattern, 'x-pattern-hint': hint } = fields;
  const own: [string, string][] =
    typeof pattern === 'string' && typeof hint === 'string' ? [[pattern, hint]] : [];
  return [...own, ...Object.values(fields).flatMap(hintsOf)];
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function array(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
