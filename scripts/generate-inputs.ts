/**
 * What the command line must know of the contract at run time: the query parameters and fields that a
 * caller may name, with their limits, and the enums. `src/cli/` makes options and help of them.
 */
import { z } from 'zod';
import { resolve } from '../src/contract/references.js';

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;

const type = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const schema = z.object({
  type,
  description: z.string().default(''),
  enum: z.array(z.string()).optional(),
  minLength: z.int().optional(),
  maxLength: z.int().optional(),
  pattern: z.string().optional(),
  'x-pattern-hint': z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  default: z.union([z.boolean(), z.number(), z.string()]).optional(),
  format: z.string().optional(),
});
const list = z.object({ type: z.literal('array'), items: z.unknown() });
const parameter = z.object({
  name: z.string(),
  in: z.string(),
  required: z.boolean().default(false),
  description: z.string().default(''),
  schema: z.unknown(),
});
const body = z.object({
  required: z.array(z.string()).default([]),
  properties: z.record(z.string(), z.unknown()),
});
const operation = z.object({
  operationId: z.string(),
  parameters: z.array(z.unknown()).default([]),
  requestBody: z.unknown().optional(),
});
const requestBodyObject = z.object({
  content: z.object({ 'application/json': z.object({ schema: z.unknown() }) }),
});
const pathItem = z.looseObject({ parameters: z.array(z.unknown()).default([]) });
const contract = z.object({
  paths: z.record(z.string(), pathItem),
  components: z.object({ schemas: z.record(z.string(), z.looseObject({})) }),
});

type Operation = z.infer<typeof operation>;

/**
 * Writes what the command line knows of the contract.
 *
 * @param document the contract, as parsed
 * @returns the contents of `inputs.js` and of `inputs.d.ts`, without a banner
 */
export function generateInputs(document: unknown): { code: string; types: string } {
  const { paths, components } = contract.parse(document);
  const operations = Object.values(paths).flatMap((item) =>
    methods.flatMap((method) => operation.optional().parse(item[method]) ?? []),
  );
  const withInputs = operations
    .map((entry) => ({ ...entry, inputs: inputsOf(document, entry) }))
    .filter(({ inputs }) => inputs.length > 0);
  const headers = operations.flatMap((entry) => headersOf(document, entry));
  const enums = Object.entries(components.schemas).flatMap(([name, value]) => {
    const { enum: values } = z.object({ enum: z.array(z.string()).optional() }).parse(value);
    return values === undefined ? [] : [{ name, values }];
  });
  return {
    code: [
      '/** The query parameters and fields that each operation takes. */',
      `export const inputs = ${JSON.stringify(
        Object.fromEntries(withInputs.map(({ operationId, inputs }) => [operationId, inputs])),
        null,
        2,
      )};`,
      '',
      '/** The headers that callers may send, by their names. */',
      `export const headers = ${JSON.stringify(Object.fromEntries(headers), null, 2)};`,
      '',
      '/** The values of each enum. */',
      `export const enums = ${JSON.stringify(
        Object.fromEntries(enums.map(({ name, values }) => [name, values])),
        null,
        2,
      )};`,
      '',
    ].join('\n'),
    types: types(withInputs, {
      enums: enums.map(({ name }) => name),
      headers: [...new Set(headers.map(([name]) => name))],
    }),
  };
}

/** Its query parameters and the fields of its body. */
function inputsOf(document: unknown, { parameters, requestBody }: Operation) {
  const query = parameters
    .map((entry) => parameter.parse(resolve(document, entry)))
    .filter((entry) => entry.in === 'query')
    .map((entry) =>
      input(document, 'query', entry.name, entry.required, entry.schema, entry.description),
    );
  if (requestBody === undefined) return query;
  const { content } = requestBodyObject.parse(resolve(document, requestBody));
  return [...query, ...fieldsOf(document, resolve(document, content['application/json'].schema))];
}

function headersOf(document: unknown, { parameters }: Operation) {
  return parameters
    .map((entry) => parameter.parse(resolve(document, entry)))
    .filter((entry) => entry.in === 'header')
    .map(
      ({ name, required, schema: value, description }) =>
        [name, input(document, 'header', name, required, value, description)] as const,
    );
}

/** A query parameter, a field of a body, or a header, as the command line knows it. */
interface Described extends Omit<z.infer<typeof schema>, 'type' | 'x-pattern-hint'> {
  readonly name: string;
  readonly in: 'query' | 'body' | 'header';
  readonly required: boolean;
  readonly repeatable: boolean;
  readonly type: string;
  readonly nullable: boolean;
  readonly patternHint: string | undefined;
  readonly fields?: readonly Described[];
}

function input(
  document: unknown,
  place: Described['in'],
  name: string,
  required: boolean,
  value: unknown,
  description?: string,
): Described {
  const resolved = resolve(document, value);
  const repeated = list.safeParse(resolved);
  // A list is said by repeating the option, so what is checked is each item.
  const one = repeated.success ? resolve(document, repeated.data.items) : resolved;
  const { 'x-pattern-hint': patternHint, ...rest } = schema.parse(one);
  const [only = 'string'] = rest.type.filter((entry) => entry !== 'null');
  return {
    ...rest,
    name,
    in: place,
    required,
    repeatable: repeated.success,
    description: (description ?? rest.description).replaceAll(/\s+/g, ' ').trim(),
    type: only,
    nullable: rest.type.includes('null'),
    patternHint,
    ...(only === 'object' && { fields: fieldsOf(document, one) }),
  };
}

/** The fields of an object. */
function fieldsOf(document: unknown, object: unknown): Described[] {
  const { required, properties } = body.parse(object);
  return Object.entries(properties).map(([name, value]) =>
    input(document, 'body', name, required.includes(name), value),
  );
}

function types(
  withInputs: readonly (Operation & { readonly inputs: readonly { readonly in: string }[] })[],
  { enums, headers }: { readonly enums: readonly string[]; readonly headers: readonly string[] },
): string {
  const values = withInputs.map(({ operationId, inputs: all }) => {
    const has = (place: string) => all.some((one) => one.in === place);
    const parts = [
      ...(has('query')
        ? [`query: NonNullable<operations["${operationId}"]["parameters"]["query"]>;`]
        : []),
      ...(has('body')
        ? [
            `body: NonNullable<operations["${operationId}"]["requestBody"]>["content"]["application/json"];`,
          ]
        : []),
    ];
    return `  ${operationId}: { ${parts.join(' ')} };`;
  });
  return `import type { components, operations } from "./openapi.js";

/** A query parameter, a field of a body, or a header. */
export interface Input {
  readonly name: string;
  readonly in: "query" | "body" | "header";
  readonly description: string;
  readonly required: boolean;
  /** Whether it is a list; all else is said of each of its items. */
  readonly repeatable: boolean;
  readonly type: "string" | "boolean" | "integer" | "object";
  /** Those of an object. */
  readonly fields?: readonly Input[];
  /** Whether \`null\` clears it. */
  readonly nullable: boolean;
  readonly enum?: readonly string[];
  readonly minLength?: number;
  readonly maxLength?: number;
  /** A regular expression, to be read with the flag \`u\`. */
  readonly pattern?: string;
  /** What to say of a value that does not match the pattern. */
  readonly patternHint?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: boolean | number | string;
  /** Such as \`date-time\` (RFC 3339). */
  readonly format?: string;
}

/** All inputs of each operation, by where they go. */
export interface InputValues {
${values.join('\n')}
}

/** The query parameters and fields that each operation takes. */
export declare const inputs: { readonly [Id in keyof InputValues]: readonly Input[] };

/** The headers that callers may send, by their names. */
export declare const headers: {
${headers.map((name) => `  readonly ${JSON.stringify(name)}: Input;`).join('\n')}
};

/** The values of each enum. */
export declare const enums: {
${enums.map((name) => `  readonly ${name}: readonly components["schemas"]["${name}"][];`).join('\n')}
};
`;
}
