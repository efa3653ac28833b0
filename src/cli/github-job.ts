import { createHash, randomUUID } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import type { Deployment } from '../client/client.js';
import type { Environment } from './environment.js';
import { messageOf } from './failure.js';
import { printable } from './printable.js';
import { withoutCommands } from './workflow-commands.js';

/**
 * Sets the outputs `deployment_id`, `status`, `version` and `json` of the GitHub Actions job that this runs
 * in, if any, and adds a line to its summary.
 *
 * See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands, "Environment files".
 *
 * @param action what was done, such as "Registered"
 * @param more outputs beside these
 * @throws Error when the files that the job has for them cannot be written
 */
export async function reportDeployment(
  environment: Environment,
  action: string,
  deployment: Deployment,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { GITHUB_OUTPUT: outputs, GITHUB_STEP_SUMMARY: summary } = environment;
  await tell(async () => {
    if (outputs) await appendFile(outputs, outputsOf(deployment, more));
    if (summary) await appendFile(summary, summaryLine(action, deployment));
  });
}

/**
 * Sets other outputs of the job that this runs in, if any.
 *
 * @throws Error when the file that the job has for them cannot be written
 */
export async function setOutputs(
  { GITHUB_OUTPUT: file }: Environment,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  await tell(async () => {
    if (file) await appendFile(file, entriesOf(values));
  });
}

async function tell(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const reason = messageOf(error);
    throw new Error(`that is done, but the job cannot be told of it: ${reason}`, { cause: error });
  }
}

/**
 * An `Idempotency-Key` for what a run of GitHub Actions does, so that a run that is repeated does it once. It
 * is made of the run, the job and what is asked for, and not of the attempt: GITHUB_RUN_ID stays the same
 * "if you re-run the workflow run".
 *
 * See https://docs.github.com/en/actions/reference/workflows-and-actions/variables, "Default environment variables".
 *
 * @param asked the command and its inputs
 * @returns `undefined` outside of Actions: a key is made for each call then
 * @example runKey(process.env, ['create', { name: 'checkout', version: '1.4.0' }])
 */
export function runKey(environment: Environment, asked: readonly unknown[]): string | undefined {
  const {
    GITHUB_ACTIONS: actions,
    GITHUB_REPOSITORY: repository,
    GITHUB_RUN_ID: run,
    GITHUB_JOB: job,
  } = environment;
  if (actions !== 'true' || !run) return undefined;
  const text = JSON.stringify([repository ?? '', run, job ?? '', ...asked]);
  return `github-actions-${createHash('sha256').update(text).digest('hex')}`;
}

function outputsOf(deployment: Deployment, more: Readonly<Record<string, string>>): string {
  const { id, status, version } = deployment;
  // Steps may print it.
  const json = withoutCommands(JSON.stringify(deployment));
  return entriesOf({ deployment_id: id, status, version, json, ...more });
}

function entriesOf(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => fileEntry(name, value))
    .join('');
}

/**
 * An entry of a file by which a step tells the runner of outputs or of state, with a delimiter that no value can
 * contain, so that a line break in a value adds no other.
 */
export function fileEntry(name: string, value: string): string {
  const delimiter = `ghadelimiter_${randomUUID()}`;
  return `${name}<<${delimiter}\n${value}\n${delimiter}\n`;
}

function summaryLine(action: string, deployment: Deployment): string {
  const { name, version, environment, provider, region, status, id } = deployment;
  const place = [environment, provider, region].filter((part) => part !== null).join(', ');
  const thing = `**${markdown(name)} ${markdown(version)}**`;
  return `- ${action} ${thing} to ${markdown(place)}: ${markdown(status)} (${markdown(id)})\n`;
}

/** Any ASCII punctuation stands for itself after a backslash (CommonMark 0.31, section 2.4). */
function markdown(text: string): string {
  return printable(text).replaceAll(/[!-/:-@[-`{-~]/g, '\\$&');
}
