import { readFile } from 'node:fs/promises';
import type { Environment } from './environment.js';

/** What a job of GitHub Actions says of the build that it registers, by fields of the contract. */
export interface Build {
  readonly commit_sha?: string;
  readonly commit_at?: string;
  readonly build_uri?: string;
}

/** A commit, as far as an event says. */
interface Commit {
  readonly sha: string | undefined;
  readonly at?: string | undefined;
}

/**
 * The build that this runs in; nothing outside of Actions.
 *
 * Of a pull request, GITHUB_SHA is a merge commit that GitHub made for the run, and after `workflow_run` the last
 * commit of the default branch: what was built is the head that the event names.
 *
 * See https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows and
 * https://docs.github.com/en/webhooks/webhook-events-and-payloads.
 *
 * @param sha the commit that was named instead: then its time is that of the event only if it is the event's
 */
export async function buildOf(environment: Environment, sha: unknown): Promise<Build> {
  const {
    GITHUB_ACTIONS: actions,
    GITHUB_SERVER_URL: server,
    GITHUB_REPOSITORY: repository,
    GITHUB_RUN_ID: run,
  } = environment;
  if (actions !== 'true') return {};
  const commit = await commitOf(environment);
  const isNamed = sha !== undefined && sha !== commit.sha;
  return {
    ...(commit.sha && { commit_sha: commit.sha }),
    ...(commit.at && !isNamed && { commit_at: commit.at }),
    ...(server &&
      repository &&
      run && { build_uri: `${server}/${repository}/actions/runs/${run}` }),
  };
}

async function commitOf(environment: Environment): Promise<Commit> {
  const { GITHUB_EVENT_NAME: name = '', GITHUB_SHA: sha } = environment;
  const event = await eventOf(environment);
  const at = (...path: string[]) => textAt(event, path);
  if (/^pull_request(_|$)/.test(name)) return { sha: at('pull_request', 'head', 'sha') };
  if (name === 'workflow_run') {
    return {
      sha: at('workflow_run', 'head_sha'),
      at: instant(at('workflow_run', 'head_commit', 'timestamp')),
    };
  }
  // A push and a merge group have the commit of the run as their last one.
  const heads = [['head_commit'], ['merge_group', 'head_commit']];
  const head = heads.find((path) => sha !== undefined && at(...path, 'id') === sha);
  return { sha, at: head && instant(at(...head, 'timestamp')) };
}

/** What the event says; nothing when the file is not there, or is not JSON. */
async function eventOf({ GITHUB_EVENT_PATH: path }: Environment): Promise<unknown> {
  if (!path) return undefined;
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function textAt(value: unknown, [name, ...rest]: readonly string[]): string | undefined {
  if (name === undefined) return typeof value === 'string' && value !== '' ? value : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  return textAt(new Map<string, unknown>(Object.entries(value)).get(name), rest);
}

/** In the form of the contract, in UTC. */
function instant(text: string | undefined): string | undefined {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}
