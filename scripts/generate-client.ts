/**
 * The part of the client that follows from the contract alone: what each operation looks like on the
 * wire, and one method an operationId. `src/client/` carries the calls out.
 */
import { z } from 'zod';
import { resolve } from '../src/contract/references.js';
import { methodDocs } from './method-docs.js';
import type { Documented } from './method-docs.js';

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;

const parameter = z.object({
  name: z.string(),
  in: z.enum(['query', 'header', 'path']),
  required: z.boolean().default(false),
  example: z.unknown().optional(),
});
type Parameter = z.infer<typeof parameter>;
const operation = z.object({
  operationId: z.string(),
  summary: z.string(),
  description: z.string().default(''),
  parameters: z.array(z.unknown()).default([]),
  requestBody: z.unknown().optional(),
  responses: z.record(z.string(), z.unknown()),
});
const requestBody = z.object({
  required: z.boolean().default(false),
  content: z.object({
    'application/json': z.object({
      schema: z.unknown(),
      examples: z.record(z.string(), z.unknown()),
    }),
  }),
});
const responseObject = z.looseObject({
  content: z.record(z.string(), z.unknown()).optional(),
});
const bodySchema = z.object({ properties: z.record(z.string(), z.unknown()) });
const pathItem = z.looseObject({ parameters: z.array(z.unknown()).default([]) });
const contract = z.object({ paths: z.record(z.string(), pathItem) });

interface Described extends Documented {
  readonly pathParameters: readonly string[];
  /** The header parameters, by the names that they have as options. */
  readonly headers: Readonly<Record<string, string>>;
  readonly requiredHeaders: readonly string[];
  readonly query: 'none' | 'optional' | 'required';
  /** `required` is handed over by itself, the fields of an `optional` one among the options. */
  readonly body: 'none' | 'optional' | 'required';
  /** The fields of an optional body. */
  readonly bodyOptions: readonly string[];
  /** The answers that are no problems, and whether each has a body. */
  readonly success: readonly { readonly status: number; readonly body: boolean }[];
  /** Whether it answers with server-sent events. */
  readonly isStream: boolean;
}

/**
 * Writes the client's generated half.
 *
 * @param document the contract, as parsed
 * @returns the contents of `client.js` and of `client.d.ts`, without a banner
 */
export function generateClient(document: unknown): { code: string; types: string } {
  const described = describe(document);
  return { code: code(described), types: types(described) };
}

function describe(document: unknown): Described[] {
  return Object.entries(contract.parse(document).paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const found = operation.optional().parse(item[method]);
      if (found === undefined) return [];
      const parameters = [...item.parameters, ...found.parameters].map((entry) =>
        parameter.parse(resolve(document, entry)),
      );
      const query = parameters.filter((entry) => entry.in === 'query');
      const headerParameters = parameters
        // Which organisation is asked for is a matter of the credentials.
        .filter((entry) => entry.in === 'header' && entry.name !== 'X-Organisation');
      const headers = Object.fromEntries(
        headerParameters.map(({ name }) => [optionName(name), name]),
      );
      const requiredHeaders = headerParameters.flatMap(({ name, required }) =>
        required ? [name] : [],
      );
      return [
        {
          operationId: found.operationId,
          method: method.toUpperCase(),
          path,
          summary: found.summary,
          description: found.description,
          pathParameters: [...path.matchAll(/\{(.+?)\}/g)].map(([, name = '']) => name),
          headers,
          requiredHeaders,
          query:
            query.length === 0
              ? 'none'
              : query.some(({ required }) => required)
                ? 'required'
                : 'optional',
          ...describeBody(document, found, parameters),
          success: Object.entries(found.responses)
            .filter(([status]) => Number(status) < 400)
            .map(([status, response]) => ({
              status: Number(status),
              body: 'content' in resolve(document, response),
            })),
          isStream: Object.values(found.responses).some((response) => {
            const { content = {} } = responseObject.parse(resolve(document, response));
            return 'text/event-stream' in content;
          }),
        } satisfies Described,
      ];
    }),
  );
}

function describeBody(
  document: unknown,
  found: z.infer<typeof operation>,
  parameters: readonly Parameter[],
): Pick<Described, 'body' | 'bodyOptions' | 'examples' | 'options'> {
  const path = parameters.filter((entry) => entry.in === 'path').map((entry) => entry.example);
  const query = exampleQuery(parameters.filter((entry) => entry.in === 'query'));
  if (found.requestBody === undefined) {
    const required = parameters.filter((entry) => entry.in === 'header' && entry.required);
    const options = required.map(({ name, example }) => [optionName(name), example] as const);
    return {
      body: 'none',
      bodyOptions: [],
      examples: [...path, ...query],
      options: Object.fromEntries(options),
    };
  }
  const { required, content } = requestBody.parse(resolve(document, found.requestBody));
  const { schema, examples } = content['application/json'];
  const [example] = Object.values(examples);
  const { value } = resolve(document, example);
  if (required) {
    return {
      body: 'required',
      bodyOptions: [],
      examples: [...path, value, ...query],
      options: {},
    };
  }
  const { properties } = bodySchema.parse(resolve(document, schema));
  return {
    body: 'optional',
    bodyOptions: Object.keys(properties),
    examples: [...path, ...query],
    options: z.record(z.string(), z.unknown()).parse(value),
  };
}

/** The parameters that must be there, else the first one. */
function exampleQuery(query: readonly Parameter[]): object[] {
  const required = query.filter((entry) => entry.required);
  const shown = required.length > 0 ? required : query.slice(0, 1);
  if (shown.length === 0) return [];
  return [Object.fromEntries(shown.map(({ name, example }) => [name, example]))];
}

function code(described: readonly Described[]): string {
  const [streams, plain] = [true, false].map((isStream) =>
    described.filter((entry) => entry.isStream === isStream),
  ) as [Described[], Described[]];
  const bound = plain.map((entry) => {
    const { operationId, pathParameters, query, body, bodyOptions } = entry;
    const input = [
      `path: { ${pathParameters.join(', ')} }`,
      ...(query === 'none' ? [] : ['query']),
      ...(body === 'required' ? ['body'] : []),
      ...(body === 'optional' ? [`body: bodyOf(options, ${JSON.stringify(bodyOptions)})`] : []),
    ];
    const names = [...positions(entry).map(({ name }) => name), 'options'].join(', ');
    return `    ${operationId}: (${names}) => send(operations.${operationId}, { ${input.join(', ')} }, options),`;
  });
  return [
    '/** What each operation looks like on the wire. */',
    'export const operations = {',
    ...plain.map(tableRow),
    '};',
    '',
    '/** The same of those that answer with server-sent events. */',
    'export const streams = {',
    ...streams.map(tableRow),
    '};',
    '',
    '/** The optional body that options make; none when they name nothing of it. */',
    'function bodyOf(options = {}, fields) {',
    '  const named = fields.filter((field) => options[field] !== undefined);',
    '  if (named.length === 0) return undefined;',
    '  return Object.fromEntries(named.map((field) => [field, options[field]]));',
    '}',
    '',
    '/** One method an operation, carried out by `send`. */',
    'export function bindOperations(send) {',
    '  return {',
    ...bound,
    '  };',
    '}',
    '',
  ].join('\n');
}

function tableRow(entry: Described): string {
  const { operationId, method, path, headers } = entry;
  const success = entry.success.map(({ status }) => status);
  return `  ${operationId}: ${JSON.stringify({ operationId, method, path, headers, success })},`;
}

function types(described: readonly Described[]): string {
  const plain = described.filter(({ isStream }) => !isStream);
  const streamIds = described.filter(({ isStream }) => isStream);
  const headerOptions = described.map(({ operationId, headers, requiredHeaders }) => {
    const options = Object.entries(headers).map(([option, header]) => {
      const type = `ContractParameters<${quote(operationId)}, "header">[${quote(header)}]`;
      return requiredHeaders.includes(header)
        ? `readonly ${option}: ${type};`
        : `readonly ${option}?: ${type} | undefined;`;
    });
    return `  ${operationId}: { ${options.join(' ')} };`;
  });
  const bodies = plain.map(({ operationId, success }) => {
    const alternatives = success.map(({ status, body }) =>
      body
        ? `contract[${quote(operationId)}]["responses"][${status}]["content"]["application/json"]`
        : 'undefined',
    );
    return `  ${operationId}: ${alternatives.join(' | ')};`;
  });
  const signatures = plain.flatMap((entry) => [methodDocs(entry), `  ${signature(entry)}`]);
  return `import type { operations as contract } from "./openapi.js";

/** The operations that answer with server-sent events. */
export type StreamId = ${streamIds.map(({ operationId }) => quote(operationId)).join(' | ') || 'never'};
/** All others. */
export type OperationId = Exclude<keyof contract, StreamId>;

/** An operation on the wire. */
export interface OperationDescription<Id extends keyof contract = keyof contract> {
  readonly operationId: Id;
  readonly method: string;
  /** The path template, such as \`/v1/deployments/{id}\`. */
  readonly path: string;
  /** The headers that a caller may set, by the names that they have as options. */
  readonly headers: Readonly<Record<string, string>>;
  /** The statuses that are no problems. */
  readonly success: readonly number[];
}

type QueryValue = string | number | boolean;

/** What a call says, but for its headers. */
export interface OperationInput {
  readonly path: Readonly<Record<string, string>>;
  /** A list is sent as its name, repeated. */
  readonly query?: Readonly<Record<string, QueryValue | readonly QueryValue[] | undefined>> | undefined;
  readonly body?: unknown;
}

type ContractParameters<Id extends keyof contract, In extends "query" | "header"> = NonNullable<contract[Id]["parameters"][In]>;
type Body<Id extends OperationId> = NonNullable<contract[Id]["requestBody"]> extends { content: { "application/json": infer B } } ? B : never;
/** A parameter that may be repeated takes one value as well as a list. */
type Repeatable<Parameters> = { [Name in keyof Parameters]: NonNullable<Parameters[Name]> extends readonly (infer Item)[] ? Item | readonly Item[] : Parameters[Name] };

/** The query parameters of each operation. */
export type OperationQuery<Id extends keyof contract> = Repeatable<ContractParameters<Id, "query">>;

/** The fields of a body that may be left out, as options. */
export type BodyOptions<Id extends OperationId> = { readonly [Field in keyof Body<Id>]?: Body<Id>[Field] | undefined };

/** The headers of each operation that a caller may set. */
export interface HeaderOptions {
${headerOptions.join('\n')}
}

/** What each operation answers when it succeeds; \`undefined\` where that has no body. */
export interface SuccessBodies {
${bodies.join('\n')}
}

/**
 * One method an operation.
 *
 * @typeParam CallOptions what every call may be told
 * @typeParam Results what the client makes of each operation's answer
 */
export interface OperationMethods<CallOptions, Results extends Record<OperationId, unknown>> {
${signatures.join('\n')}
}

/** Carries out a call. */
export type Send<CallOptions, Results extends Record<OperationId, unknown>> = <Id extends OperationId>(
  operation: OperationDescription<Id>,
  input: OperationInput,
  options: (CallOptions & HeaderOptions[Id]) | undefined,
) => Promise<Results[Id]>;

/** What each operation looks like on the wire. */
export declare const operations: { readonly [Id in OperationId]: OperationDescription<Id> };

/** The same of those that answer with server-sent events. */
export declare const streams: { readonly [Id in StreamId]: OperationDescription<Id> };

/** One method an operation, carried out by \`send\`. */
export declare function bindOperations<CallOptions, Results extends Record<OperationId, unknown>>(
  send: Send<CallOptions, Results>,
): OperationMethods<CallOptions, Results>;
`;
}

/** What a method takes before its options: the path's parts, then a required body, then the query. */
function positions({ operationId, pathParameters, query, body }: Described) {
  return [
    ...pathParameters.map((name) => ({ name, type: `${name}: string` })),
    ...(body === 'required' ? [{ name: 'body', type: `body: Body<${quote(operationId)}>` }] : []),
    ...(query === 'none'
      ? []
      : [
          {
            name: 'query',
            type: `query${query === 'optional' ? '?' : ''}: OperationQuery<${quote(operationId)}>`,
          },
        ]),
  ];
}

function signature(entry: Described): string {
  const id = quote(entry.operationId);
  const body = entry.body === 'optional' ? ` & BodyOptions<${id}>` : '';
  const optional = entry.requiredHeaders.length === 0 ? '?' : '';
  const options = `options${optional}: CallOptions & HeaderOptions[${id}]${body}`;
  const parameters = [...positions(entry).map(({ type }) => type), options].join(', ');
  return `${entry.operationId}(${parameters}): Promise<Results[${id}]>;`;
}

/** `Idempotency-Key` is `idempotencyKey`, `X-Request-Id` is `requestId`. */
function optionName(header: string): string {
  const [first = '', ...rest] = header.replace(/^X-/, '').toLowerCase().split('-');
  return [first, ...rest.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))].join('');
}

const quote = (text: string): string => JSON.stringify(text);
