import { parse } from 'yaml';
import { z } from 'zod';
import type { ActionResult, JobStatus, Runner, StepResult } from './action.js';
import { evaluate } from './expressions.js';

/** Values reach a step as texts. */
const texts = z.record(z.string(), z.union([z.string(), z.boolean().transform(String)]));
const permissions = z.record(z.string(), z.enum(['read', 'write', 'none']));
const step = z.strictObject({
  id: z.string().optional(),
  name: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  with: texts.default({}),
  env: texts.default({}),
  run: z.string().optional(),
  shell: z.literal('bash').optional(),
});
const job = z.strictObject({
  needs: z.string().optional(),
  'runs-on': z.literal('ubuntu-latest'),
  environment: z.string().optional(),
  concurrency: z.string().optional(),
  permissions: permissions.optional(),
  env: texts.default({}),
  outputs: texts.default({}),
  steps: z.array(step),
});
const workflow = z.strictObject({
  name: z.string(),
  on: z.record(z.string(), z.unknown()),
  permissions: permissions.optional(),
  env: texts.default({}),
  jobs: z.record(z.string(), job),
});

/** A workflow; anything in it that this runner does not know is an error. */
export type Workflow = z.infer<typeof workflow>;
type Job = Workflow['jobs'][string];
type Step = Job['steps'][number];

/** Reads a workflow. */
export function readWorkflow(yaml: string): Workflow {
  return workflow.parse(parse(yaml));
}

/** What GitHub gives a job to work with. */
export interface Given {
  /** The values of names such as `github.ref_name`, `vars.X` and `inputs.X`. */
  readonly contexts: Readonly<Record<string, string>>;
  /** Variables of every job. */
  readonly environment: Readonly<Record<string, string>>;
  /** Variables of a job that may ask for an OIDC token. */
  readonly permitted: Readonly<Record<string, string>>;
  /** The id of the step after which somebody cancels the run. */
  readonly cancelAfter?: string;
}

/** What a workflow came to: by step, named `job/id` or `job/number`; a skipped one is missing. */
export interface WorkflowResult {
  readonly succeeded: boolean;
  readonly log: string;
  readonly steps: ReadonlyMap<string, Pick<StepResult, 'code' | 'outputs'>>;
}

/** Runs the jobs of a workflow in their order, each if those before it succeeded. */
export async function runWorkflow(
  runner: Runner,
  { permissions: usual, env, jobs }: Workflow,
  { contexts, environment, permitted, cancelAfter }: Given,
): Promise<WorkflowResult> {
  const known = new Map(Object.entries(contexts));
  const steps = new Map<string, Pick<StepResult, 'code' | 'outputs'>>();
  const resolve = (name: string): string => {
    const value = known.get(name);
    if (value === undefined && !name.includes('.outputs.')) throw new Error(`Unknown: ${name}`);
    return value ?? '';
  };
  let log = '';
  for (const [jobName, one] of Object.entries(jobs)) {
    const rights = one.permissions ?? usual;
    const run = contexts['github.run_id'];
    const variables = {
      ...environment,
      GITHUB_JOB: jobName,
      ...(run !== undefined && { GITHUB_RUN_ID: run }),
      ...(rights?.['id-token'] === 'write' && permitted),
      ...evaluated({ ...env, ...one.env }, resolve),
    };
    let status: JobStatus = 'success';
    const posts: ActionResult['post'][] = [];
    for (const [index, each] of one.steps.entries()) {
      known.set('job.status', status);
      if (!isDue(each, status, known)) continue;
      const ended = await runStep(runner, each, rights, { variables, resolve, status });
      log += shown(ended);
      if (ended.post !== undefined) posts.unshift(ended.post);
      const { id = String(index) } = each;
      if (status === 'success' && ended.code !== 0) status = 'failure';
      if (id === cancelAfter) status = 'cancelled';
      steps.set(`${jobName}/${id}`, ended);
      known.set(`steps.${id}.outcome`, ended.code === 0 ? 'success' : 'failure');
      for (const [name, value] of Object.entries(ended.outputs)) {
        known.set(`steps.${id}.outputs.${name}`, value);
      }
    }
    for (const post of posts) {
      const after = await post(status);
      log += shown(after);
      if (status === 'success' && after.code !== 0) status = 'failure';
    }
    for (const [name, value] of Object.entries(evaluated(one.outputs, resolve))) {
      known.set(`needs.${jobName}.outputs.${name}`, value);
    }
    for (const name of [...known.keys()].filter((key) => key.startsWith('steps.'))) {
      known.delete(name);
    }
    if (status !== 'success') return { succeeded: false, log, steps };
  }
  return { succeeded: true, log, steps };
}

/** Whether a step runs: unless it says otherwise, while nothing has failed and nobody has cancelled. */
function isDue({ if: condition }: Step, status: JobStatus, known: ReadonlyMap<string, string>) {
  if (condition === undefined) return status === 'success';
  const form = /^(always|failure|cancelled)\(\) && steps\.(\w+)\.outcome == 'success'$/;
  const [, when, id] = form.exec(condition) ?? [];
  if (id === undefined) throw new Error(`A condition that is not known: ${condition}`);
  const isSo = when === 'always' || status === when;
  return isSo && known.get(`steps.${id}.outcome`) === 'success';
}

/** What is in the log: what was printed, and the errors that the runner shows there. */
function shown({ log, commands }: StepResult): string {
  const errors = commands.filter(({ command }) => command === 'error');
  return log + errors.map(({ data }) => `${data}\n`).join('');
}

/** Where a step runs. */
interface Around {
  readonly variables: Readonly<Record<string, string>>;
  readonly resolve: (name: string) => string;
  readonly status: JobStatus;
}

async function runStep(
  runner: Runner,
  { uses, run, shell, with: inputs, env }: Step,
  rights: Job['permissions'],
  { variables, resolve, status }: Around,
): Promise<StepResult & Partial<ActionResult>> {
  const all = { ...variables, ...evaluated(env, resolve) };
  if (run !== undefined) return runner.run(evaluate(run, resolve), all, shell);
  if (uses?.startsWith('acme/deployment-queue-api@')) {
    return runner.use(evaluated(inputs, resolve), all, status);
  }
  const mayRead = rights === undefined || rights['contents'] === 'read';
  if (uses?.startsWith('actions/checkout@') !== true || !mayRead) {
    throw new Error(`This job cannot use ${String(uses)}`);
  }
  return { code: 0, log: '', commands: [], outputs: {}, summary: '' };
}

function evaluated(
  values: Readonly<Record<string, string>>,
  resolve: (name: string) => string,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, text]) => [name, evaluate(text, resolve)]),
  );
}
