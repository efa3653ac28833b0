/** What an editor shows at a method of the client, and the call in it. */

/** What the contract says of an operation, with an example of each of its inputs. */
export interface Documented {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  /** In the order of the method's parameters: the path's parts, a required body, the query. */
  readonly examples: readonly unknown[];
  /** Those of its inputs that are options, none for no options. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** A docblock, indented by two spaces. */
export function methodDocs(operation: Documented): string {
  const { summary, method, path, description } = operation;
  const lines = [
    `${summary}: \`${method} ${path}\`.`,
    '',
    ...description.trim().split('\n'),
    '',
    '@example',
    ...exampleCall(operation).split('\n'),
  ];
  const block = lines.map((line) => `   * ${line.replaceAll('*/', '*\\/')}`.trimEnd());
  return ['  /**', ...block, '   */'].join('\n');
}

function exampleCall({ operationId, examples, options }: Documented): string {
  const given = Object.keys(options).length === 0 ? examples : [...examples, options];
  return `await client.${operationId}(${given.map((value) => literal(value)).join(', ')});`;
}

/** A value as TypeScript has it: in one line where that is short. */
function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value.replaceAll(/['\\]/g, '\\$&')}'`;
  if (typeof value !== 'object' || value === null) return String(value);
  const parts = Array.isArray(value)
    ? value.map((one) => literal(one))
    : Object.entries(value).map(([name, one]) => `${name}: ${literal(one)}`);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{ ', ' }'];
  const line = `${open}${parts.join(', ')}${close}`;
  if (line.length <= 80) return line;
  const indented = parts.map((part) => `${part.replaceAll('\n', '\n  ')},`).join('\n  ');
  return `${open.trim()}\n  ${indented}\n${close.trim()}`;
}
