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
  /** Whether required inputs may be left out, because the command offers another way. */
  readonly optional?: boolean;
}

/** An option for each field or query parameter of an operation, with its limits in the help. */
export function addInputs(
  command: Command,
  operation: keyof InputValues,
  { except = [], clearable = false, optional = false }: InputChoice = {},
): void {
  for (const input of inputs[operation]) {
    if (except.includes(input.name)) continue;
    const flag = flagOf(input.name);
    const limits = limitsOf(input, optional);
    const help = [sentence(input.description), ...(limits === '' ? [] : [`(${limits})`])].join(' ');
    command.addOption(new Option(`--${flag} <${placeholderOf(input)}>`, help));
    if (clearable && input.nullable) {
      command.addOption(new Option(`--no-${flag}`, `clear ${input.name}`));
    }
  }
}

/** What was given for an operation's inputs, by their names in the contract; `null` for cleared ones. */
export function givenInputs(
  command: Command,
  operation: keyof InputValues,
): Record<string, string | null> {
  const options = command.opts<Readonly<Record<string, unknown>>>();
  const given: Record<string, string | null> = {};
  for (const { name } of inputs[operation]) {
    const value = options[new Option(`--${flagOf(name)}`).attributeName()];
    if (typeof value === 'string') given[name] = value;
    // What --no-NAME leaves.
    if (value === false) given[name] = null;
  }
  return given;
}

/**
 * Checks what was given against the contract.
 *
 * @param given texts by the names in the contract
 * @returns what the operation is to be told
 * @throws UsageError with every fault
 */
export function checkedInputs<Id extends keyof InputValues>(
  operation: Id,
  given: Readonly<Record<string, string | null>>,
): InputValues[Id] {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const input of inputs[operation]) {
    const text = given[input.name];
    const fault = faultOf(input, text);
    if (fault !== undefined) faults.push(`--${flagOf(input.name)} ${fault}`);
    else if (text !== undefined) values[input.name] = valueOf(input, text);
  }
  if (faults.length === 0 && meets(operation, values)) return values;
  throw new UsageError(faults.join('; '));
}

/** Names, types and limits have been checked one by one, against the contract that the type is made of. */
function meets<Id extends keyof InputValues>(
  operation: Id,
  values: object,
): values is InputValues[Id] {
  return inputs[operation].every(({ name, required }) => !required || name in values);
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
  return input.json && !parses(text) ? 'must be JSON text' : undefined;
}

function integerFault({ minimum, maximum }: Input, text: string): string | undefined {
  const fine =
    /^\d+$/.test(text) &&
    Number(text) >= (minimum ?? 0) &&
    Number(text) <= (maximum ?? Number.MAX_SAFE_INTEGER);
  return fine ? undefined : `must be a whole number, ${minimum ?? 0} to ${maximum ?? 'any'}`;
}

function valueOf({ type }: Input, text: string | null): unknown {
  if (text === null) return null;
  if (type === 'boolean') return text === 'true';
  return type === 'integer' ? Number(text) : text;
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function flagOf(name: string): string {
  return name.replaceAll('_', '-');
}

function placeholderOf({ type, enum: values }: Input): string {
  if (values !== undefined) return 'value';
  if (type === 'boolean') return 'true|false';
  return type === 'integer' ? 'number' : 'text';
}

function limitsOf(input: Input, optional: boolean): string {
  return [
    ...(input.required && !optional ? ['required'] : []),
    ...(input.enum === undefined ? [] : [`one of ${input.enum.join(', ')}`]),
    ...(input.maxLength === undefined ? [] : [lengths(input)]),
    ...(input.default === undefined ? [] : [`${String(input.default)} unless set`]),
  ].join('; ');
}

function lengths({ minLength = 0, maxLength }: Input): string {
  return `${minLength} to ${maxLength ?? 'any number of'} characters`;
}

/** As help has them: without a capital (but for JSON) and a full stop, and without Markdown. */
function sentence(description: string): string {
  const plain = description.replaceAll('`', '').replace(/\.$/, '');
  return plain.replace(/^[A-Z](?![A-Z])/, (capital) => capital.toLowerCase());
}
