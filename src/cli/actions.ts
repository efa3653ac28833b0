import { randomUUID } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import type { Deployment } from '../client/client.js';
import type { Environment } from './connection.js';
import { printable } from './printable.js';

/**
 * Leaves with the GitHub Actions job that this runs in, if any, the outputs `deployment_id`, `status`,
 * `version` and `json`, and a line in the summary.
 *
 * See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands, "Environment files".
 *
 * @param deed what was done, such as "Registered"
 */
export async function reportAnswer(
  environment: Environment,
  deed: string,
  deployment: Deployment,
): Promise<void> {
  const { GITHUB_OUTPUT: outputs, GITHUB_STEP_SUMMARY: summary } = environment;
  if (outputs) {
    const { id, status, version } = deployment;
    const values = { deployment_id: id, status, version, json: JSON.stringify(deployment) };
    await appendFile(outputs, Object.entries(values).map(output).join(''));
  }
  if (summary) await appendFile(summary, summaryLine(deed, deployment));
}

/** The build that this runs in, for the deployment that it registers; nothing outside of Actions. */
export function buildFields(environment: Environment): Record<string, string> {
  const {
    GITHUB_ACTIONS: actions,
    GITHUB_SHA: sha,
    GITHUB_SERVER_URL: server,
    GITHUB_REPOSITORY: repository,
    GITHUB_RUN_ID: run,
  } = environment;
  if (actions !== 'true') return {};
  return {
    ...(sha && { commit_sha: sha }),
    ...(server &&
      repository &&
      run && { build_uri: `${server}/${repository}/actions/runs/${run}` }),
  };
}

/** In the form with a delimiter that no value can know, so that a line break in one adds no output. */
function output([name, value]: readonly [string, string]): string {
  const delimiter = `ghadelimiter_${randomUUID()}`;
  return `${name}<<${delimiter}\n${value}\n${delimiter}\n`;
}

function summaryLine(deed: string, deployment: Deployment): string {
  const { name, version, environment, provider, region, status, id } = deployment;
  const place = [environment, provider, region].filter((part) => part !== null).join(', ');
  const thing = `**${markdown(name)} ${markdown(version)}**`;
  return `- ${deed} ${thing} to ${markdown(place)}: ${markdown(status)} (${markdown(id)})\n`;
}

/** Any ASCII punctuation stands for itself after a backslash (CommonMark 0.31, section 2.4). */
function markdown(text: string): string {
  return printable(text).replaceAll(/[!-/:-@[-`{-~]/g, '\\$&');
}
