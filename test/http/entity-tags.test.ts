import { expect } from 'chai';
import type { Response } from 'supertest';
import { deploymentBody } from '../support/deployments.js';
import { expectProblem, runService } from '../support/http.js';

describe('entity tags', () => {
  const running = runService();

  const call = (method: 'get' | 'post' | 'patch', path: string) =>
    running.service.api[method](path).set('X-Organisation', running.tenant.organisation);
  const patch = (id: string, body: object, ifMatch?: string) => {
    const request = call('patch', `/v1/deployments/${id}`).send(body);
    return ifMatch === undefined ? request : request.set('If-Match', ifMatch);
  };
  const etagOf = (response: Response): string => response.headers['etag'] ?? '';
  const present = async (id: string) => etagOf(await call('get', `/v1/deployments/${id}`));

  it('come with every answer that has one deployment, and are the same for the same state', async () => {
    const { tenant } = running;
    for (const version of ['1', '2', '3']) await tenant.create({ version }, 'deployed');
    const taxonomy = 'name=checkout&environment=production&provider=gcp';
    const expectPresent = async (answer: Response): Promise<string> => {
      const id = answer.body.id as string;
      expect(etagOf(answer)).to.match(/^"[0-9]+-[0-9a-z]+"$/);
      expect(await present(id)).to.equal(etagOf(answer));
      return id;
    };
    const body = deploymentBody({ name: 'other' });
    await expectPresent(await call('post', '/v1/deployments').send(body).expect(201));
    const rollback = await call('post', `/v1/deployments/rollback?${taxonomy}`).expect(201);
    const id = await expectPresent(rollback);
    await expectPresent(await patch(id, { status: 'deployed' }).expect(200));
    await expectPresent(await call('post', `/v1/deployments/${id}/rollback`).expect(201));
  });

  it('stay the same when a change changes nothing', async () => {
    const { id } = await running.tenant.create({}, 'in_progress');
    const before = await present(id);
    expect(etagOf(await patch(id, { status: 'in_progress' }, before).expect(200))).to.equal(before);
    expect(await present(id)).to.equal(before);
  });

  it('change when a deployment is skipped because of another one', async () => {
    const { tenant } = running;
    const older = await tenant.create({ version: '1' });
    const before = await present(older.id);
    await tenant.create({ version: '2' }, 'deployed');
    const response = await patch(older.id, { notes: 'late' }, before);
    expectProblem(response, 412, 'precondition-failed');
    expect(etagOf(response))
      .to.equal(await present(older.id))
      .and.not.equal(before);
  });

  it('are judged before the life table', async () => {
    const { id } = await running.tenant.create({}, 'skipped');
    const stale = '"1-abc"';
    expectProblem(await patch(id, { status: 'deployed' }, stale), 412, 'precondition-failed');
    const right = await patch(id, { status: 'deployed' }, await present(id));
    expectProblem(right, 409, 'transition-not-allowed');
  });

  it('let one of two changes at once through, ten times', async () => {
    const { id } = await running.tenant.create();
    for (let round = 1; round <= 10; round += 1) {
      const etag = await present(id);
      const both = [`${round} a`, `${round} b`];
      const answers = await Promise.all(both.map((notes) => patch(id, { notes }, etag)));
      const statuses = answers.map(({ status }) => status);
      expect(statuses.toSorted()).to.deep.equal([200, 412]);
      const { notes } = await running.tenant.get(id);
      expect(notes).to.equal(both[statuses.indexOf(200)]);
    }
  });

  it('say nothing of a deployment that is not there', async () => {
    const unknown = '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f';
    for (const etag of ['*', '"1-abc"']) {
      const response = await patch(unknown, { notes: 'x' }, etag);
      expectProblem(response, 404, 'deployment-not-found');
      expect(response.headers).not.to.have.property('etag');
    }
  });
});
