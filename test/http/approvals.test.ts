import { expect } from 'chai';
import type { components } from '../../generated/openapi.js';
import { job, mona, owner, runGated } from '../support/gated.js';
import type { By } from '../support/gated.js';
import { expectProblem } from '../support/http.js';

type Schemas = components['schemas'];

/** What approvals and rejections promise, as a caller meets it. */
describe('approvals', () => {
  const gated = runGated();
  const { call, lastEvent, register, waiting } = gated;

  it('whoever waits goes when it has its approvals, each of somebody else', async () => {
    const path = '/environments/production';
    await call(owner, 'put', path, { required_approvals: 2 });
    const { id } = await register();
    const { response } = await waiting(id);
    const octocat = gated.person('OctoCat');
    const approve = (by: By, body?: object) => call(by, 'post', `/deployments/${id}/approve`, body);
    expectProblem(await approve(octocat), 409, 'approval-not-allowed');
    const first = await approve(mona, { reason: 'looked at it' });
    expect(first.status).to.equal(200);
    expect(first.body.approvals).to.deep.equal([
      {
        actor: 'mona',
        repository: null,
        approved_at: first.body.updated_at,
        reason: 'looked at it',
      },
    ]);
    const again = await approve(mona);
    expect(again.headers['etag']).to.equal(first.headers['etag']);
    await approve(owner);
    expect((await response).status).to.equal(200);
    const feed = (await call(job, 'get', '/events?last=3')).body as Schemas['FeedEvent'][];
    expect(feed.map(({ type, actor }) => [type, actor])).to.deep.equal([
      ['deployment.approved', 'mona'],
      ['deployment.approved', 'olga'],
      ['deployment.started', 'octocat'],
    ]);
  });

  it('a rejection cancels, and whoever waits is told', async () => {
    await call(owner, 'put', '/environments/production', { required_approvals: 1 });
    const { id } = await register();
    const { response } = await waiting(id);
    const rejected = await call(mona, 'post', `/deployments/${id}/reject`, { reason: 'not tried' });
    expect(rejected.body).to.include({ status: 'cancelled' });
    expectProblem(await response, 409, 'claim-not-allowed');
    expect(await lastEvent(id)).to.include({
      cause: 'rejection',
      reason: 'not tried',
      actor: 'mona',
    });
    expectProblem(
      await call(mona, 'post', `/deployments/${id}/approve`),
      409,
      'approval-not-allowed',
    );
  });
});
