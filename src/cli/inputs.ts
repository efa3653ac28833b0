import type { Command } from 'commander';
import { Option } from 'commander';
import { inputs } from '../../generated/inputs.js';
import type { Input, InputValues } from '../../generated/inputs.js';
import { UsageError } from './failure.js';

/** Which of an operation's inputs become options. */
export interface InputChoice {
  /** Those that do not. */
  readonly except?: readonly string[];
  /** Whether `--no-NAME` clears a field. */
  readonly clearable?: boolean;
  /** Whether what is left out stays as it is, instead of being as it is by default. */
  readonly keeps?: boolean;
  /** Whether required inputs may be left out, because the command offers another way. */
  readonly optional?: boolean;
}

/** What was said of an input: a text, several, or `null` for a field that is to be cleared. */
export type Given = string | readonly string[] | null;

/**
 * An option for each query parameter and field of an operation, with its limits in the help; objects have options of
 * their own.
 */
export function addInputs(
  command: Command,
  operation: keyof InputValues,
  { except = [], clearable = false, keeps = false, optional = false }: InputChoice = {},
): void {
  for (const input of inputs[operation]) {
    if (except.includes(input.name) || input.type === 'object') continue;
    const flag = flagOf(input.name);
    const limits = limitsOf(input, { optional, keeps });
    const help = [sentence(input.description), ...(limits === '' ? [] : [`(${limits})`])].join(' ');
    const option = new Option(`--${flag} <${placeholderOf(input)}>`, help);
    command.addOption(input.repeatable ? option.argParser(collect) : option);
    if (clearable && input.nullable) {
      command.addOption(new Option(`--no-${flag}`, `clear ${input.name}`));
    }
  }
}

/** Values of an option that may be repeated, or hold several with commas between them. */
function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(',').map((part) => part.trim())];
}

/** What was given for an operation's inputs, by their names in the contract. */
export function givenInputs(command: Command, operation: keyof InputValues): Record<string, Given> {
  const options = command.opts<Readonly<Record<string, unknown>>>();
  const given: Record<string, Given> = {};
  for (const { name } of inputs[operation]) {
    const value = options[new Option(`--${flagOf(name)}`).attributeName()];
    if (typeof value === 'string' || isTexts(value)) given[name] = value;
    // What --no-NAME leaves.
    if (value === false) given[name] = null;
  }
  return given;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

/**
 * Checks what was given against the contract.
 *
 * @param given by the names in the contract
 * @param objects fields that are objects, whose own fields have been checked
 * @returns what the operation is to be told, in its query and in its body
 * @throws UsageError with every fault
 */
export function checkedInputs<Id extends keyof InputValues>(
  operation: Id,
  given: Readonly<Record<string, Given>>,
  objects: Readonly<Record<string, object>> = {},
): InputValues[Id] {
  const faults: string[] = [];
  const values: Record<Input['in'], Record<string, unknown>> = { query: {}, body: {}, header: {} };
  for (const input of inputs[operation]) {
    const object = objects[input.name];
    if (object !== undefined) {
      values[input.in][input.name] = object;
      continue;
    }
    const said = given[input.name];
    const texts = isTexts(said) ? said : [said];
    const found = texts.map((text) => faultOf(input, text)).find((fault) => fault !== undefined);
    if (found !== undefined) faults.push(`--${flagOf(input.name)} ${found}`);
    else if (said !== undefined) values[input.in][input.name] = valueOf(input, said);
  }
  if (faults.length === 0 && meets(operation, values)) return values;
  throw new UsageError(faults.join('; '));
}

/** Names, types and limits have been checked one by one, against the contract that the type is made of. */
function meets<Id extends keyof InputValues>(
  operation: Id,
  values: Readonly<Record<Input['in'], object>>,
): values is typeof values & InputValues[Id] {
  return inputs[operation].every((input) => !input.required || input.name in values[input.in]);
}

/** What is wrong with a value, as the end of a sentence; `undefined` when nothing is. */
export function faultOf(input: Input, text: string | null | undefined): string | undefined {
  if (text === undefined) return input.required ? 'is missing' : undefined;
  if (text === null) return input.nullable ? undefined : 'cannot be cleared';
  const { enum: values, type, minLength = 0, maxLength = Infinity, pattern } = input;
  if (values !== undefined) {
    return values.includes(text) ? undefined : `must be one of ${values.join(', ')}`;
  }
  if (type === 'boolean') return /^(true|false)$/.test(text) ? undefined : 'must be true or false';
  if (type === 'integer') return integerFault(input, text);
  // JSON Schema counts code points, not UTF-16 units.
  const { length } = Array.from(text);
  if (length < minLength || length > maxLength) return `must have ${lengths(input)}`;
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(text)) {
    return input.patternHint ?? `must match ${pattern}`;
  }
  if (input.format === 'date-time' && !isInstant(text)) {
    return 'must be an instant such as 2026-01-05T09:30:00Z or 2026-01-05T10:30:00+01:00';
  }
  return undefined;
}

/** An instant in the form of RFC 3339, section 5.6; that its day is in the calendar, the service checks. */
function isInstant(text: string): boolean {
  const form = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;
  return form.test(text) && !Number.isNaN(Date.parse(text.toUpperCase()));
}

function integerFault({ minimum, maximum }: Input, text: string): string | undefined {
  const fine =
    /^\d+$/.test(text) &&
    Number(text) >= (minimum ?? 0) &&
    Number(text) <= (maximum ?? Number.MAX_SAFE_INTEGER);
  return fine ? undefined : `must be a whole number, ${minimum ?? 0} to ${maximum ?? 'any'}`;
}

function valueOf(input: Input, text: Given): unknown {
  if (text === null) return null;
  if (typeof text !== 'string') return [...new Set(text)].map((one) => valueOf(input, one));
  const { type } = input;
  if (type === 'boolean') return text === 'true';
  return type === 'integer' ? Number(text) : text;
}

export function flagOf(name: string): string {
  return name.replaceAll('_', '-');
}

function placeholderOf({ type, enum: values }: Input): string {
  if (values !== undefined) return 'value';
  if (type === 'boolean') return 'true|false';
  return type === 'integer' ? 'number' : 'text';
}

function limitsOf(
  input: Input,
  { optional, keeps }: { readonly optional: boolean; readonly keeps: boolean },
): string {
  return [
    ...(input.required && !optional ? ['required'] : []),
    ...(input.repeatable ? ['may be repeated'] : []),
    ...(input.enum === undefined ? [] : [`one of ${input.enum.join(', ')}`]),
    ...(input.maxLength === undefined ? [] : [lengths(input)]),
    ...(input.default === undefined || keeps ? [] : [`${String(input.default)} unless set`]),
  ].join('; ');
}

function lengths({ minLength = 0, maxLength }: Input): string {
  return `${minLength} to ${maxLength ?? 'any number of'} characters`;
}

/** As help has them: without a capital (but for JSON) and a full stop, and without Markdown. */
export function sentence(description: string): string {
  const plain = description.replaceAll('`', '').replace(/\.$/, '');
  return plain.replace(/^[A-Z](?![A-Z])/, (capital) => capital.toLowerCase());
}
