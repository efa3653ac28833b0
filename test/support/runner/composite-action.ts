import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { readCommands } from './commands.js';
import type { RunnerCommand } from './commands.js';
import { readOutputs } from './environment-files.js';
import { evaluate } from './expressions.js';

const project = fileURLToPath(new URL('../../../', import.meta.url));

const texts = z.record(z.string(), z.string());
const step = z.strictObject({
  id: z.string().optional(),
  shell: z.literal('bash'),
  env: texts.default({}),
  run: z.string(),
});
const action = z.strictObject({
  name: z.string(),
  description: z.string(),
  branding: z.strictObject({ icon: z.string(), color: z.string() }),
  inputs: z.record(
    z.string(),
    z.strictObject({
      description: z.string(),
      required: z.boolean().default(false),
      default: z.string().default(''),
    }),
  ),
  outputs: z.record(z.string(), z.strictObject({ description: z.string(), value: z.string() })),
  runs: z.strictObject({ using: z.literal('composite'), steps: z.array(step) }),
});

/** `action.yml`; anything in it that this runner does not know is an error. */
export type Action = z.infer<typeof action>;

/** Reads the project's own action. */
export async function readAction(): Promise<Action> {
  return action.parse(parse(await readFile(join(project, 'action.yml'), 'utf8')));
}

/** What a step `uses: ` the action came to. */
export interface ActionResult {
  readonly code: number;
  /** What was printed, but for commands of the runner. */
  readonly log: string;
  readonly commands: readonly RunnerCommand[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
}

/** The project's action, and a machine on which jobs use it. */
export class Runner {
  readonly #folder: string;
  readonly #action: Action;
  #uses = 0;

  private constructor(folder: string, read: Action) {
    this.#folder = folder;
    this.#action = read;
  }

  /** Checks the action out: what is in the repository, and neither libraries nor a build. */
  static async start(): Promise<Runner> {
    const folder = await mkdtemp(join(tmpdir(), 'runner-'));
    for (const name of ['action.yml', 'package.json', 'generated']) {
      await cp(join(project, name), join(folder, 'action', name), { recursive: true });
    }
    return new Runner(folder, await readAction());
  }

  /** Where jobs work. */
  get workspace(): string {
    return join(this.#folder, 'work');
  }

  /**
   * Runs the action's steps one after the other until one fails.
   *
   * @param inputs the step's `with`
   * @param environment the job's variables
   */
  async use(
    inputs: Readonly<Record<string, string>>,
    environment: Readonly<Record<string, string>>,
  ): Promise<ActionResult> {
    const contexts = new Map<string, string>();
    for (const [name, { default: usual }] of Object.entries(this.#action.inputs)) {
      contexts.set(`inputs.${name}`, inputs[name] ?? usual);
    }
    for (const name of Object.keys(inputs)) {
      if (!contexts.has(`inputs.${name}`)) throw new Error(`Unexpected input '${name}'`);
    }
    const resolve = (name: string): string => {
      const value = contexts.get(name);
      // An output that no step has left is empty; every other name must be known.
      if (value === undefined && !/^steps\.[\w-]+\.outputs\./.test(name)) {
        throw new Error(`Unrecognized named-value: '${name}'`);
      }
      return value ?? '';
    };

    let result: Omit<ActionResult, 'outputs'> = { code: 0, log: '', commands: [], summary: '' };
    for (const { id, env, run } of this.#action.runs.steps) {
      const variables = Object.entries(env).map(([name, text]) => [name, evaluate(text, resolve)]);
      const ended = await this.run(evaluate(run, resolve), {
        ...environment,
        ...Object.fromEntries(variables),
      });
      const { code, log, commands, summary, outputs } = ended;
      result = {
        code,
        log: result.log + log,
        commands: [...result.commands, ...commands],
        summary: result.summary + summary,
      };
      for (const [name, value] of Object.entries(outputs)) {
        contexts.set(`steps.${id ?? ''}.outputs.${name}`, value);
      }
      if (code !== 0) break;
    }
    const outputs = Object.entries(this.#action.outputs).map(([name, { value }]) => [
      name,
      evaluate(value, resolve),
    ]);
    return { ...result, outputs: Object.fromEntries(outputs) };
  }

  /** Removes everything. */
  async stop(): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }

  /**
   * Runs a script as a step, in the shell that `shell: bash` stands for.
   *
   * @param environment its variables
   */
  async run(script: string, environment: Readonly<Record<string, string>>): Promise<ActionResult> {
    this.#uses += 1;
    const files = join(this.#folder, `step-${this.#uses}`);
    await mkdir(files);
    await mkdir(this.workspace, { recursive: true });
    const [output, summary, text] = ['output', 'summary', 'script.sh'].map((name) =>
      join(files, name),
    ) as [string, string, string];
    await Promise.all([writeFile(output, ''), writeFile(summary, ''), writeFile(text, script)]);
    const child = spawn('/bin/bash', ['--noprofile', '--norc', '-eo', 'pipefail', text], {
      cwd: this.workspace,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        GITHUB_ACTIONS: 'true',
        GITHUB_ACTION_PATH: join(this.#folder, 'action'),
        ...environment,
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
      },
    });
    const printed = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => (printed[name] += chunk));
    }
    const [code] = (await once(child, 'close')) as [number];
    const [notes, results] = [readCommands(printed.stderr), readCommands(printed.stdout)];
    return {
      code,
      log: notes.rest + results.rest,
      commands: [...notes.commands, ...results.commands],
      outputs: readOutputs(await readFile(output, 'utf8')),
      summary: await readFile(summary, 'utf8'),
    };
  }
}
