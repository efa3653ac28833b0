import { expect } from 'chai';
import { deploymentBody } from '../support/deployments.js';
import { expectProblem, runService } from '../support/http.js';

describe('a quota', () => {
  const running = runService({ QUOTA_DEPLOYMENTS: '2' });
  const post = (organisation: string, key?: string) => {
    const call = running.service.api
      .post('/v1/deployments')
      .set('X-Organisation', organisation)
      .send(deploymentBody());
    return key === undefined ? call : call.set('Idempotency-Key', key);
  };

  it('refuses what would be more with 409, which says how much is stored and who can change it', async () => {
    const { organisation } = running.tenant;
    await post(organisation).expect(201);
    const { body } = await post(organisation, 'second').expect(201);
    const path = `/v1/deployments/${String(body.id)}`;
    const patch = (status: string) =>
      running.service.api.patch(path).set('X-Organisation', organisation).send({ status });
    await patch('deployed').expect(200);

    const says =
      /^The organisation may store 2 deployments and has 2, .* raise QUOTA_DEPLOYMENTS, .*RETENTION_DAYS/;
    const refused = await post(organisation);
    expectProblem(refused, 409, 'quota-exceeded', says);
    expect(refused.headers).not.to.have.property('retry-after');

    // What is there goes on: its first response, its outcome, and whatever others store.
    await post(organisation, 'second').expect(201).expect('Idempotent-Replayed', 'true');
    await patch('failed').expect(200);
    await post(`${organisation}-other`).expect(201);
  });

  it('holds for rollbacks, which are deployments too', async () => {
    const { organisation } = running.tenant;
    for (const version of ['1', '2']) {
      const { body } = await running.service.api
        .post('/v1/deployments')
        .set('X-Organisation', organisation)
        .send(deploymentBody({ version }))
        .expect(201);
      await running.service.api
        .patch(`/v1/deployments/${String(body.id)}`)
        .set('X-Organisation', organisation)
        .send({ status: 'deployed' })
        .expect(200);
    }
    const { name, environment, provider } = deploymentBody();
    const refused = await running.service.api
      .post('/v1/deployments/rollback')
      .query({ name, environment, provider })
      .set('X-Organisation', organisation);
    expectProblem(refused, 409, 'quota-exceeded', /has 2/);
  });
});
