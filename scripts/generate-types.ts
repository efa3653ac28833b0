/**
 * The types of every schema, parameter and operation. An editor shows what stands at a field and nothing of
 * what that refers to, so each field is given what its schema says: description, format, default, example.
 */
import openapiTS, { astToString } from 'openapi-typescript';
import { z } from 'zod';
import { resolve } from '../src/contract/references.js';

const contract = z.looseObject({
  paths: z.record(z.string(), z.unknown()),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
});
const objectSchema = z.looseObject({ properties: z.record(z.string(), z.looseObject({})) });
const said = z.object({
  description: z.string().optional(),
  format: z.string().optional(),
  default: z.unknown().optional(),
  example: z.unknown().optional(),
});
const media = z.object({
  schema: z.looseObject({ $ref: z.string().optional(), items: z.unknown().optional() }),
  examples: z.record(z.string(), z.unknown()),
});
const reference = z.object({ $ref: z.string() });
const example = z.object({ value: z.unknown() });
const fields = z.record(z.string(), z.unknown());

type Fields = z.infer<typeof fields>;

/**
 * Writes the types.
 *
 * @param document the contract, as parsed
 * @returns the contents of `openapi.d.ts`, without a banner
 */
export async function generateTypes(document: unknown): Promise<string> {
  const { paths, components, ...rest } = contract.parse(document);
  const examples = examplesOf(document);
  const schemas = Object.fromEntries(
    Object.entries(components.schemas).map(([name, schema]) => [
      name,
      withFieldsExplained(document, schema, examples.get(name) ?? []),
    ]),
  );
  const explained = { ...rest, paths, components: { ...components, schemas } };
  const text = astToString(
    await openapiTS(JSON.stringify(explained), { defaultNonNullable: false }),
  );
  // Editors show what stands before the tags first.
  return text.replaceAll('@description ', '');
}

function withFieldsExplained(
  document: unknown,
  schema: unknown,
  examples: readonly Fields[],
): unknown {
  const parsed = objectSchema.safeParse(schema);
  if (!parsed.success) return schema;
  const properties = Object.entries(parsed.data.properties).map(([name, property]) => {
    const shown = examples.map((one) => one[name]).find((value) => value != null);
    const explained = {
      ...(shown !== undefined && { example: shown }),
      ...said.parse(resolve(document, property)),
      ...property,
    };
    return [name, explained] as const;
  });
  return { ...parsed.data, properties: Object.fromEntries(properties) };
}

/** The objects that the contract's examples show, by the name of their schema. */
function examplesOf(document: unknown): Map<string, Fields[]> {
  const found = new Map<string, Fields[]>();
  visit(document, (node) => {
    const parsed = media.safeParse(node);
    if (!parsed.success) return;
    const { schema, examples } = parsed.data;
    const one = reference.safeParse(schema.items ?? schema);
    if (!one.success) return;
    const name = one.data.$ref.replace('#/components/schemas/', '');
    const objects = Object.values(examples)
      .flatMap((shown) => [example.parse(resolve(document, shown)).value].flat())
      .map((value) => fields.safeParse(value).data)
      .filter((value) => value !== undefined);
    found.set(name, [...(found.get(name) ?? []), ...objects]);
  });
  return found;
}

function visit(node: unknown, see: (node: object) => void): void {
  if (typeof node !== 'object' || node === null) return;
  see(node);
  for (const child of Object.values(node)) visit(child, see);
}
