import type { Environment } from '../cli/environment.js';

/** What a step of a job says, by name; what is empty counts as not said. */
export type Inputs = ReadonlyMap<string, string>;

/** Inputs that are no options of the command line. */
const own = ['command', 'run', 'start', 'id', 'report', 'job-status'];

/** Inputs that are `true` or `false`, for options without a value. */
const flags = ['lock', 'no-rollbacks', 'everywhere'];

/** Those that say how the service is reached. */
const ofConnection = ['url', 'audience', 'retry-timeout'];

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

/** The variables without those of the inputs: no command of a job gets the inputs of another step. */
export function withoutInputs(environment: Environment): Environment {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/^(INPUT|STATE)_/.test(name)),
  );
}

/** The options of the command line that inputs stand for. */
export function optionsOf(inputs: Inputs): string[] {
  return [...inputs].flatMap(([name, value]) => {
    if (own.includes(name)) return [];
    if (flags.includes(name)) return value === 'true' ? [`--${name}`] : [];
    return [`--${name}=${value}`];
  });
}

/** The options that say how the service is reached. */
export function connectionOptionsOf(inputs: Inputs): string[] {
  return optionsOf(new Map([...inputs].filter(([name]) => ofConnection.includes(name))));
}

/** What a step is to do. */
export type Task = 'command' | 'run' | 'start';

/** What a step is to do, of which it says one thing; `undefined` when it does not. */
export function taskOf(inputs: Inputs): Task | undefined {
  const said = (['command', 'run', 'start'] as const).filter((task) => {
    const value = inputs.get(task);
    return value !== undefined && !(task === 'start' && value === 'false');
  });
  return said.length === 1 ? said[0] : undefined;
}

/**
 * What is wrong with the inputs that the action reads by itself; the others are options, which the command line
 * checks.
 */
export function faultIn(inputs: Inputs): string | undefined {
  const isFlag = (name: string) => /^(true|false)$/.test(inputs.get(name) ?? 'true');
  const wrong = ['start', 'report', ...flags].find((name) => !isFlag(name));
  if (wrong !== undefined) return `The input ${wrong} must be true or false`;
  const task = taskOf(inputs);
  if (task === undefined) return 'Set one of the inputs command, run and start: true';
  // What begins with a hyphen would be an option.
  if (task === 'command' && !/^[a-z]/.test(inputs.get('command') ?? '')) {
    return 'The input command is not a command of deployment-queue';
  }
  if (task !== 'command' && inputs.has('report')) {
    return 'The input report is for a command: what run and start begin is always reported';
  }
  return undefined;
}
