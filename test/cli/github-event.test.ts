import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { buildOf } from '../../src/cli/github-event.js';

const merge = '1'.repeat(40);
const head = '2'.repeat(40);
const timestamp = '2026-01-05T10:12:44+01:00';
const commit_at = '2026-01-05T09:12:44.000Z';
const commit = (id: string) => ({ id, timestamp, message: 'Mend it' });

describe('the build of a job of GitHub Actions', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-event-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function build(name: string, event: unknown, sha?: string) {
    const path = join(folder, 'event.json');
    await writeFile(path, typeof event === 'string' ? event : JSON.stringify(event));
    const environment = {
      GITHUB_ACTIONS: 'true',
      GITHUB_EVENT_NAME: name,
      GITHUB_EVENT_PATH: path,
      GITHUB_SHA: merge,
    };
    return buildOf(environment, sha);
  }

  const rows: [what: string, name: string, event: unknown, build: object][] = [
    [
      'a push has its last commit, and when it was made',
      'push',
      { head_commit: commit(merge) },
      { commit_sha: merge, commit_at },
    ],
    [
      'a push of a tag on another commit has no time',
      'push',
      { head_commit: commit(head) },
      { commit_sha: merge },
    ],
    ['a push that deletes has no head', 'push', { head_commit: null }, { commit_sha: merge }],
    [
      'a pull request has its head, not the merge commit',
      'pull_request',
      { pull_request: { head: { sha: head }, merge_commit_sha: merge } },
      { commit_sha: head },
    ],
    [
      'a pull request of a fork has its head as well',
      'pull_request_target',
      { pull_request: { head: { sha: head } } },
      { commit_sha: head },
    ],
    [
      'a review has the head of its pull request',
      'pull_request_review',
      { pull_request: { head: { sha: head } } },
      { commit_sha: head },
    ],
    [
      'a workflow run has the commit of the run before, and its time',
      'workflow_run',
      { workflow_run: { head_sha: head, head_commit: commit(head) } },
      { commit_sha: head, commit_at },
    ],
    [
      'a merge group has its own commit, and its time',
      'merge_group',
      { merge_group: { head_sha: merge, head_commit: commit(merge) } },
      { commit_sha: merge, commit_at },
    ],
    ['a run by hand has its commit', 'workflow_dispatch', { inputs: {} }, { commit_sha: merge }],
    ['an event that says nothing has the commit', 'push', 'no JSON', { commit_sha: merge }],
    ['a pull request that says nothing has none, rather than a wrong one', 'pull_request', {}, {}],
    [
      'a time that is none is left out',
      'push',
      { head_commit: { id: merge, timestamp: 'soon' } },
      { commit_sha: merge },
    ],
  ];
  for (const [what, name, event, expected] of rows) {
    it(what, async () => {
      expect(await build(name, event)).to.deep.equal(expected);
    });
  }

  it('has the time only of the commit that it is of', async () => {
    const event = { head_commit: commit(merge) };
    expect(await build('push', event, head)).not.to.have.property('commit_at');
    expect(await build('push', event, merge)).to.include({ commit_at });
  });

  it('is not told where there is no file of the event, and nothing outside of Actions', async () => {
    const environment = { GITHUB_ACTIONS: 'true', GITHUB_SHA: merge };
    expect(await buildOf(environment, undefined)).to.deep.equal({ commit_sha: merge });
    expect(await buildOf({ GITHUB_SHA: merge }, undefined)).to.deep.equal({});
  });
});
