/**
 * What every store must know of a deployment and its events: their columns, from the contract's schemas, and
 * the functions that make a deployment of a row. `src/store/` reads and writes with it, so that a field which
 * is new in the contract is a column there, and nothing else in the code.
 */
import { z } from 'zod';

const property = z.looseObject({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  format: z.string().optional(),
  items: z.unknown().optional(),
  enum: z.array(z.string()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
});
const fields = z.object({ properties: z.record(z.string(), z.unknown()) });
const contract = z.object({
  components: z.object({
    schemas: z.looseObject({ Deployment: fields, DeploymentEvent: fields }),
  }),
});

interface Column {
  readonly name: string;
  readonly kind: 'text' | 'boolean' | 'integer' | 'instant' | 'list' | 'json';
  readonly nullable: boolean;
  readonly values: readonly string[] | null;
}

/**
 * @param document the contract, as parsed
 * @returns the contents of `columns.js` and of `columns.d.ts`, without a banner
 */
export function generateColumns(document: unknown): { code: string; types: string } {
  const { schemas } = contract.parse(document).components;
  const columnsOf = ({ properties }: z.infer<typeof fields>): Column[] =>
    Object.entries(properties).map(([name, schema]) => columnOf(name, schema, schemas));
  const columns = columnsOf(schemas.Deployment);
  const objectOf = (valueOf: (column: Column, index: number) => string): string => {
    const values = columns.map((column, index) => {
      const { name, kind } = column;
      const value = valueOf(column, index);
      const isConverted = kind === 'boolean' || kind === 'instant' || kind === 'json';
      return `    ${name}: ${isConverted ? `${kind}(${value})` : value},`;
    });
    return `{\n${values.join('\n')}\n  }`;
  };
  const code = `export const deploymentColumns = ${listOf(columns)};

export const eventColumns = ${listOf(columnsOf(schemas.DeploymentEvent))};

export function toDeployment(row, { boolean, instant, json }) {
  return ${objectOf(({ name }) => `row.${name}`)};
}

export function deploymentOf(values, { boolean, instant, json }) {
  return ${objectOf((_column, index) => `values[${index}]`)};
}
`;
  const types = `import type { components } from './openapi.js';

type Deployment = components['schemas']['Deployment'];
type DeploymentEvent = components['schemas']['DeploymentEvent'];

/** A field, and what a column that holds it must take. */
interface Column<Name> {
  readonly name: Name;
  readonly kind: 'text' | 'boolean' | 'integer' | 'instant' | 'list' | 'json';
  readonly nullable: boolean;
  /** The only values, where the contract names them. */
  readonly values: readonly string[] | null;
}

/** A field of a deployment. */
export type DeploymentColumn = Column<keyof Deployment>;
/** A field of an event. */
export type EventColumn = Column<keyof DeploymentEvent>;

/** The fields of a deployment, in the contract's order. */
export declare const deploymentColumns: readonly DeploymentColumn[];

/** The fields of an event, in the contract's order. */
export declare const eventColumns: readonly EventColumn[];

/** What a store keeps in another form than the contract. */
interface Conversions<Flag, Instant, Json> {
  readonly boolean: (value: Flag) => boolean;
  readonly instant: (value: Instant) => string | null;
  readonly json: (value: Json) => unknown;
}

/**
 * Makes a deployment of a row whose columns are named as the fields are. It is written out field by
 * field: an object whose shape is known from the start takes half of the memory and time.
 */
export declare function toDeployment<Flag, Instant, Json>(
  row: { readonly [Name in keyof Deployment]: unknown },
  convert: Conversions<Flag, Instant, Json>,
): Deployment;

/** Makes a deployment of its values in the order of the fields. */
export declare function deploymentOf<Flag, Instant, Json>(
  values: readonly unknown[],
  convert: Conversions<Flag, Instant, Json>,
): Deployment;
`;
  return { code, types };
}

function listOf(columns: readonly Column[]): string {
  return `[\n${columns.map((column) => `  ${JSON.stringify(column)},`).join('\n')}\n]`;
}

function columnOf(name: string, schema: unknown, schemas: Record<string, unknown>): Column {
  const { types, format, values, items } = resolve(schema, schemas);
  const [type] = types.filter((each) => each !== 'null');
  const kind = kindOf(type, format, items);
  return { name, kind, nullable: types.includes('null'), values: values ?? null };
}

/** A list is one of texts; what else is in an array is kept as JSON. */
function kindOf(
  type: string | undefined,
  format: string | undefined,
  items: string | undefined,
): Column['kind'] {
  if (type === 'boolean' || type === 'integer') return type;
  if (type === 'array') return items === 'string' ? 'list' : 'json';
  return format === 'date-time' ? 'instant' : 'text';
}

interface Resolved {
  readonly types: readonly string[];
  readonly format: string | undefined;
  readonly values: readonly string[] | undefined;
  /** Of an array, the type of what is in it. */
  readonly items: string | undefined;
}

function resolve(schema: unknown, schemas: Record<string, unknown>): Resolved {
  const {
    $ref: ref,
    type = [],
    format,
    enum: values,
    anyOf = [],
    oneOf = [],
    items,
  } = property.parse(schema);
  const own: Resolved = {
    types: [type].flat(),
    format,
    values,
    items: items === undefined ? undefined : resolve(items, schemas).types[0],
  };
  const others = [...anyOf, ...oneOf].map((each) => resolve(each, schemas));
  if (ref !== undefined) others.push(resolve(schemas[ref.split('/').at(-1) ?? ''], schemas));
  return others.reduce(
    (merged, other) => ({
      types: [...merged.types, ...other.types],
      format: merged.format ?? other.format,
      values: merged.values ?? other.values,
      items: merged.items ?? other.items,
    }),
    own,
  );
}
