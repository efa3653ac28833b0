import type { Environment } from '../cli/environment.js';

/** What a step of a job says, by name; what is empty counts as not said. */
export type Inputs = ReadonlyMap<string, string>;

/** Inputs that are no options of the command line. */
const own = ['command', 'id', 'report', 'job-status'];

/**
 * Reads the inputs of the action. The runner puts each into a variable, in capitals and with its hyphens: no
 * shell reads them.
 *
 * See https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax, "inputs".
 */
export function inputsOf(environment: Environment): Inputs {
  return new Map(
    Object.entries(environment).flatMap(([name, value]) => {
      const [, input] = /^INPUT_(.+)$/s.exec(name) ?? [];
      return input === undefined || !value ? [] : [[input.toLowerCase(), value] as const];
    }),
  );
}

/** The options of the command line that inputs stand for. */
export function optionsOf(inputs: Inputs): string[] {
  return [...inputs].flatMap(([name, value]) => (own.includes(name) ? [] : [`--${name}=${value}`]));
}

/**
 * What is wrong with the inputs that the action reads by itself; the others are options, which the command line
 * checks.
 */
export function faultIn(inputs: Inputs): string | undefined {
  // What begins with a hyphen would be an option.
  if (!/^[a-z]/.test(inputs.get('command') ?? '')) {
    return 'The input command is not a command of deployment-queue';
  }
  if (!/^(true|false)$/.test(inputs.get('report') ?? 'true')) {
    return 'The input report must be true or false';
  }
  return undefined;
}
