import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
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
  outputs: z.record(z.string(), z.strictObject({ description: z.string() })),
  runs: z.strictObject({
    using: z.literal('node24'),
    main: z.string(),
    post: z.string(),
  }),
});

/** `action.yml`; anything in it that this runner does not know is an error. */
export type Action = z.infer<typeof action>;

/** Reads the project's own action. */
export async function readAction(): Promise<Action> {
  return action.parse(parse(await readFile(join(project, 'action.yml'), 'utf8')));
}

/** How a job stands, as `job.status` says it. */
export type JobStatus = 'success' | 'failure' | 'cancelled';

/** What a step came to. */
export interface StepResult {
  readonly code: number;
  /** What was printed, but for commands of the runner. */
  readonly log: string;
  readonly commands: readonly RunnerCommand[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
}

/** What a step that uses the action came to. */
export interface ActionResult extends StepResult {
  /** Runs what the action has for the end of the job. Without a condition, the runner always does. */
  readonly post: (job: JobStatus) => Promise<StepResult>;
}

type Variables = Readonly<Record<string, string>>;

/** The project's action, and a machine on which jobs use it. */
export class Runner {
  readonly #folder: string;
  readonly #action: Action;
  #steps = 0;

  private constructor(folder: string, read: Action) {
    this.#folder = folder;
    this.#action = read;
  }

  /** Checks the action out: what is in the repository, and neither libraries nor a build. */
  static async start(): Promise<Runner> {
    const folder = await mkdtemp(join(tmpdir(), 'runner-'));
    await mkdir(join(folder, 'work'));
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
   * Runs a step that uses the action: its `main`, by the Node that the runner brings, without a shell and without
   * a PATH on which there is anything. See `NodeScriptActionHandler.cs` and `ActionRunner.cs` in
   * https://github.com/actions/runner/tree/main/src/Runner.Worker.
   *
   * @param inputs the step's `with`
   * @param environment the job's variables
   * @param job how the job stands
   * @param started told of the process, so that it can be interrupted as a cancelled job's is
   */
  async use(
    inputs: Variables,
    environment: Variables,
    job: JobStatus = 'success',
    started: (child: ChildProcess) => void = () => undefined,
  ): Promise<ActionResult> {
    const { main, post } = this.#action.runs;
    const variables = (status: JobStatus, state: Variables) => ({
      ...environment,
      ...this.#inputVariables(inputs, status),
      ...state,
    });
    const node = (script: string) => [process.execPath, join(this.#folder, 'action', script)];
    const { state, ...result } = await this.#execute(node(main), variables(job, {}), started);
    const saved = Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]);
    return {
      ...result,
      post: (status) => this.#execute(node(post), variables(status, Object.fromEntries(saved))),
    };
  }

  /** Removes everything. */
  async stop(): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }

  /**
   * Runs a script as a step, by the command that the runner has for its shell. Without `shell` there is no
   * pipefail. See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax,
   * "jobs.<job_id>.steps[*].shell".
   *
   * @param environment its variables
   */
  async run(script: string, environment: Variables, shell?: 'bash'): Promise<StepResult> {
    const file = join(this.#folder, `script-${this.#steps}.sh`);
    await writeFile(file, script);
    const flags = shell === 'bash' ? ['--noprofile', '--norc', '-eo', 'pipefail'] : ['-e'];
    const path = { PATH: process.env['PATH'] ?? '' };
    return this.#execute(['/bin/bash', ...flags, file], { ...path, ...environment });
  }

  /** The inputs as a step gets them, each one that the action has. */
  #inputVariables(inputs: Variables, job: JobStatus): Variables {
    const known = new Map(Object.entries(this.#action.inputs));
    for (const name of Object.keys(inputs)) {
      if (!known.has(name)) throw new Error(`Unexpected input '${name}'`);
    }
    const resolve = (name: string): string => {
      if (name === 'job.status') return job;
      throw new Error(`Unrecognized named-value: '${name}'`);
    };
    return Object.fromEntries(
      [...known].map(([name, { default: usual }]) => [
        `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
        inputs[name] ?? evaluate(usual, resolve),
      ]),
    );
  }

  async #execute(
    [program = '', ...argv]: readonly string[],
    environment: Variables,
    started: (child: ChildProcess) => void = () => undefined,
  ): Promise<StepResult & { readonly state: Variables }> {
    this.#steps += 1;
    const files = join(this.#folder, `step-${this.#steps}`);
    await mkdir(files);
    const [output, summary, state] = ['output', 'summary', 'state'].map((name) =>
      join(files, name),
    ) as [string, string, string];
    await Promise.all([output, summary, state].map((file) => writeFile(file, '')));
    const child = spawn(program, argv, {
      cwd: this.workspace,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        GITHUB_ACTIONS: 'true',
        ...environment,
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
        GITHUB_STATE: state,
      },
    });
    started(child);
    const printed = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => (printed[name] += chunk));
    }
    const [code] = (await once(child, 'close')) as [number | null];
    const [notes, results] = [readCommands(printed.stderr), readCommands(printed.stdout)];
    return {
      // A process that a signal ended has no code.
      code: code ?? 130,
      log: notes.rest + results.rest,
      commands: [...notes.commands, ...results.commands],
      outputs: readOutputs(await readFile(output, 'utf8')),
      summary: await readFile(summary, 'utf8'),
      state: readOutputs(await readFile(state, 'utf8')),
    };
  }
}
