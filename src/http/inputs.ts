import type { Contract, ContractOperation } from '../contract/contract.js';
import { dereference, isObject } from '../contract/references.js';
import type { JsonObject } from '../contract/references.js';
import type { QueryStyle, QueryStyles } from './query.js';

/** The values of a request by name: a query, or a body. */
export type Values = Record<string, unknown>;

/** What is made of the inputs of an operation, so that each thing that may be said has one form. */
export interface Inputs {
  /** Its query parameters. */
  readonly styles: QueryStyles;
  /** Whether its query parameters are all of these styles, and have nothing else to be parsed. */
  readonly plain: boolean;
  /** Whether its body may be left out, which is the same as an object without fields. */
  readonly bodyIsOptional: boolean;
  /** What is done to the values before they are checked. */
  prepare(query: Values, body: unknown): void;
  /** What is done to them once they have been found to keep the contract. */
  normalise(query: Values, body: unknown): void;
}

/** The inputs of one place that the contract marks, by name. */
interface Marked {
  /** `x-environment`: the name of an environment, the case of which does not matter. */
  readonly environments: readonly { readonly name: string; readonly required: boolean }[];
  /** `x-blank-is-absent`: empty or blank is the same as left out. */
  readonly blank: readonly string[];
}

/**
 * Reads in the contract how the inputs of its operations are taken.
 *
 * @param defaultEnvironment stands in where an environment is required and none is sent
 */
export function inputsOf(
  contract: Contract,
  defaultEnvironment: string | undefined,
): (operation: ContractOperation) => Inputs {
  const document = contract.document();
  const paths = objectOf(document['paths']);
  const dereferenced = (value: unknown): JsonObject => objectOf(dereference(document, value));

  return ({ path, method }) => {
    const item = objectOf(paths[path]);
    const operation = objectOf(item[method.toLowerCase()]);
    const query = [...listOf(item['parameters']), ...listOf(operation['parameters'])]
      .map(dereferenced)
      .filter((parameter) => parameter['in'] === 'query');
    const requestBody = dereferenced(operation['requestBody']);
    const content = objectOf(requestBody['content']);
    const schema = objectOf(objectOf(content['application/json'])['schema']);
    const required = listOf(schema['required']);

    const styles = query.map((each) => [String(each['name']), styleOf(each)] as const);
    const inQuery = mark(
      query.map((each) => [
        String(each['name']),
        objectOf(each['schema']),
        each['required'] === true,
      ]),
    );
    const inBody = mark(
      Object.entries(objectOf(schema['properties'])).map(([name, field]) => [
        name,
        objectOf(field),
        required.includes(name),
      ]),
    );

    return {
      styles: new Map(styles.map(([name, style]) => [name, style ?? 'text'])),
      bodyIsOptional: 'content' in requestBody && requestBody['required'] !== true,
      plain: styles.every(([, style]) => style !== undefined),
      prepare(values, body) {
        nameEnvironments(values, inQuery, defaultEnvironment);
        if (isObject(body)) nameEnvironments(body, inBody, defaultEnvironment);
      },
      normalise(values, body) {
        for (const name of inQuery.blank) {
          if (isBlank(values[name])) Reflect.deleteProperty(values, name);
        }
        if (!isObject(body)) return;
        for (const name of inBody.blank) if (isBlank(body[name])) body[name] = null;
      },
    };
  };
}

/** `undefined` for one that has to be parsed in another way. */
function styleOf(parameter: JsonObject): QueryStyle | undefined {
  const { type, format } = objectOf(parameter['schema']);
  if ('style' in parameter || 'explode' in parameter || format === 'json') return undefined;
  if (type === 'string' || type === 'boolean' || type === 'number') return 'text';
  if (type === 'integer') return 'integer';
  return type === 'array' ? 'list' : undefined;
}

function mark(inputs: readonly (readonly [string, JsonObject, boolean])[]): Marked {
  return {
    environments: inputs.flatMap(([name, schema, required]) =>
      schema['x-environment'] === true
        ? [{ name, required: required && name === 'environment' }]
        : [],
    ),
    blank: inputs.flatMap(([name, schema]) => (schema['x-blank-is-absent'] === true ? [name] : [])),
  };
}

/** In lower case, before they are checked: that may have more characters than what was sent. */
function nameEnvironments(values: Values, { environments }: Marked, fallback: string | undefined) {
  for (const { name, required } of environments) {
    const sent = values[name];
    if (typeof sent === 'string') values[name] = sent.toLowerCase();
    else if (required && fallback !== undefined && (sent ?? undefined) === undefined) {
      values[name] = fallback;
    }
  }
}

function isBlank(value: unknown): boolean {
  return typeof value === 'string' && value.trim() === '';
}

function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
