import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { followReference, resolve } from '../../../src/contract/references.js';

/** The reads of GitHub's REST API that the double knows, as path templates of GitHub's description. */
export type GitHubOperation = '/user' | '/user/memberships/orgs' | '/user/memberships/orgs/{org}';

/** A response of the double does not match GitHub's description of its API. */
export class GitHubContractViolation extends Error {
  override readonly name = 'GitHubContractViolation';
}

/**
 * Checks a JSON response against GitHub's own OpenAPI description.
 *
 * A status that the description does not list for the operation (401 for a membership, 400 for a wrong API version,
 * 429) is checked as GitHub's basic error, the form that all listed errors of these operations have.
 *
 * @throws GitHubContractViolation naming the operation, the status and what is wrong
 */
export function checkGitHubResponse(
  operation: GitHubOperation,
  status: number,
  body: unknown,
): void {
  const validate = validator(operation, status);
  if (validate(body)) return;
  const faults = (validate.errors ?? []).map(
    (error) => `${error.instancePath || '/'} ${error.message ?? error.keyword}`,
  );
  throw new GitHubContractViolation(`GET ${operation} ${status}: ${faults.join('; ')}`);
}

const validators = new Map<string, ValidateFunction>();
let compiler: Compiler | undefined;

interface Compiler {
  readonly ajv: Ajv;
  readonly description: Json;
}

type Json = Readonly<Record<string, unknown>>;

const BASIC_ERROR = '#/components/schemas/basic-error';

function validator(operation: GitHubOperation, status: number): ValidateFunction {
  const key = `${operation} ${status}`;
  let validate = validators.get(key);
  if (!validate) {
    compiler ??= createCompiler();
    const schema = responseSchema(compiler.description, operation, status);
    if (schema === undefined && status < 400)
      throw new GitHubContractViolation(`GET ${operation} has no response ${status}`);
    validate = compiler.ajv.compile(absolute(schema ?? { $ref: BASIC_ERROR }));
    validators.set(key, validate);
  }
  return validate;
}

/**
 * Reads the description once, on first use (13 MB, about a tenth of a second), and gives ajv only the schemas
 * that the operations lead to. The package's own entry loads every variant of the description, 400 MB, hence the path.
 */
function createCompiler(): Compiler {
  const file = createRequire(import.meta.url).resolve(
    '@octokit/openapi/generated/api.github.com.json',
  );
  const description = object(JSON.parse(readFileSync(file, 'utf8')));
  // Not strict: OpenAPI 3.0 has keywords that JSON Schema does not (example, discriminator). ajv knows `nullable`.
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const operations: GitHubOperation[] = [
    '/user',
    '/user/memberships/orgs',
    '/user/memberships/orgs/{org}',
  ];
  const names = reachable(description, [
    operations.map((operation) => member(description, 'paths', operation, 'get', 'responses')),
    { $ref: BASIC_ERROR },
  ]);
  ajv.addSchema({ $id: 'github', components: pick(description, names) });
  return { ajv, description };
}

function responseSchema(
  description: Json,
  operation: GitHubOperation,
  status: number,
): Json | undefined {
  const response = member(description, 'paths', operation, 'get', 'responses', String(status));
  const schema = member(
    resolve(description, response ?? {}),
    ...['content', 'application/json', 'schema'],
  );
  return schema === undefined ? undefined : object(schema);
}

/** Every `#/components/KIND/NAME` that can be reached from a value, the references found there included. */
function reachable(description: Json, from: unknown): Set<string> {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'examples') continue;
      if (key !== '$ref' || typeof inner !== 'string') visit(inner);
      else if (!found.has(inner)) {
        found.add(inner);
        visit(followReference(description, inner));
      }
    }
  };
  visit(from);
  return found;
}

/** The named components, in the places where the description has them, their references made absolute. */
function pick(description: Json, references: Iterable<string>): Json {
  const components: Record<string, Record<string, unknown>> = {};
  for (const reference of references) {
    const [, , kind = '', name = ''] = reference.split('/');
    (components[kind] ??= {})[name] = followReference(description, reference);
  }
  return components;
}

function absolute(schema: Json): Json {
  return object(JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"github#/')));
}

function member(value: unknown, ...path: string[]): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  return typeof value === 'object' && value !== null && key in value
    ? member(object(value)[key], ...rest)
    : undefined;
}

function object(value: unknown): Json {
  if (typeof value !== 'object' || value === null) throw new TypeError('expected an object');
  return Object.fromEntries(Object.entries(value));
}
