import { expect } from 'chai';
import { keyOwner } from '../../src/domain/callers/caller.js';
import type { Caller, Job } from '../../src/domain/callers/caller.js';
import { caller as job } from '../support/stored.js';

const said: Job = {
  actorId: '583231',
  repositoryId: '1296269',
  ref: 'refs/heads/main',
  commitSha: '4f0c6b1c',
  runId: '1001',
  runAttempt: '1',
  eventName: 'push',
  environment: null,
  workflowRef: 'acme/checkout/.github/workflows/release.yml@refs/heads/main',
};
const person: Caller = { ...job, repository: null, workflow: null, source: 'pat' };

describe('the owner of an Idempotency-Key', () => {
  const owners: [what: string, caller: Caller, owner: string][] = [
    [
      'a repository, by its id, which outlives its name',
      { ...job, job: said },
      'repository 1296269',
    ],
    [
      'a repository, by its name where the token has no id',
      { ...job, job: { ...said, repositoryId: null } },
      'repository acme/checkout',
    ],
    ['a repository whose token says nothing else', job, 'repository acme/checkout'],
    ['a person', person, 'person octocat'],
    ['nobody, where nobody is known', { ...person, actor: null }, ''],
  ];
  for (const [what, caller, owner] of owners) {
    it(`is ${what}`, () => {
      expect(keyOwner(caller)).to.equal(owner);
    });
  }

  it('is the same for every run, attempt, branch, workflow and actor of a repository', () => {
    const other = { ...said, actorId: '1', ref: 'refs/tags/v1', runId: '9', runAttempt: '3' };

    expect(keyOwner({ ...job, actor: 'hubot', workflow: 'nightly', job: other })).to.equal(
      keyOwner({ ...job, job: said }),
    );
  });

  it('is never that of those of before, whose owner is not known', () => {
    for (const [, caller] of owners) expect(keyOwner(caller)).not.to.equal('*');
    expect(keyOwner({ ...person, actor: '*' })).not.to.equal('*');
  });
});
