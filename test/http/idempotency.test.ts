import { expect } from 'chai';
import { deploymentBody } from '../support/deployments.js';
import { expectProblem, runService } from '../support/http.js';

describe('Idempotency-Key', () => {
  const running = runService();

  const post = (key: string, body: object) =>
    running.service.api
      .post('/v1/deployments')
      .set('X-Organisation', running.tenant.organisation)
      .set('Idempotency-Key', key)
      .send(body);

  const rollback = (body?: object) =>
    running.service.api
      .post('/v1/deployments/rollback?name=checkout&environment=production&provider=gcp')
      .set('X-Organisation', running.tenant.organisation)
      .set('Idempotency-Key', 'k')
      .send(body);

  it('gives the first answer again, to the byte, with Idempotent-Replayed', async () => {
    const first = await post('k', deploymentBody()).expect(201);
    expect(first.headers['idempotent-replayed']).to.equal(undefined);
    await running.tenant.move(first.body.id as string, 'deployed');
    const again = await post('k', { auto: undefined, ...deploymentBody() }).expect(201);
    expect(again.headers['idempotent-replayed']).to.equal('true');
    expect(again.text).to.equal(first.text);
    for (const name of ['location', 'etag']) {
      expect(again.headers[name]).to.equal(first.headers[name]);
    }
    expect(await running.tenant.list()).to.have.length(1);
  });

  it('answers 422 to another request under the key', async () => {
    await post('k', deploymentBody()).expect(201);
    const response = await post('k', deploymentBody({ version: '2' }));
    expectProblem(response, 422, 'idempotency-key-reused', /use a new key$/);
    expect(await running.tenant.list()).to.have.length(1);
  });

  it('answers 422 to a rollback under the key of a creation', async () => {
    await running.tenant.create({ version: '1' }, 'deployed');
    await running.tenant.create({ version: '2' }, 'deployed');
    await post('k', deploymentBody({ name: 'other' })).expect(201);
    expectProblem(await rollback(), 422, 'idempotency-key-reused');
  });

  it('answers 422 to a rollback for another reason under the key of one', async () => {
    for (const version of ['1', '2']) await running.tenant.create({ version }, 'deployed');
    const first = await rollback({ reason: 'slow' }).expect(201);
    expect((await rollback({ reason: 'slow' }).expect(201)).text).to.equal(first.text);
    expectProblem(await rollback({ reason: 'wrong' }), 422, 'idempotency-key-reused');
    expectProblem(await rollback(), 422, 'idempotency-key-reused');
  });

  it('takes no body and an empty one for the same', async () => {
    for (const version of ['1', '2']) await running.tenant.create({ version }, 'deployed');
    const first = await rollback().expect(201);
    expect((await rollback({}).expect(201)).text).to.equal(first.text);
  });

  it('replays both kinds of rollback, though one is pending by then', async () => {
    const { service, tenant } = running;
    await tenant.create({ version: '1' }, 'deployed');
    const from = await tenant.create({ version: '2' }, 'deployed');
    for (const path of [
      '/v1/deployments/rollback?name=checkout&environment=production&provider=gcp',
      `/v1/deployments/${from.id}/rollback`,
    ]) {
      const call = () =>
        service.api
          .post(path)
          .set('X-Organisation', tenant.organisation)
          .set('Idempotency-Key', path.slice(0, 30));
      const first = await call().expect(201);
      const again = await call().expect(201);
      expect(again.headers['idempotent-replayed']).to.equal('true');
      expect(again.text).to.equal(first.text);
      await tenant.move(first.body.id as string, 'skipped');
    }
    expect(await tenant.list({ trigger: 'rollback' })).to.have.length(2);
  });

  it('registers one deployment for thirty calls at once', async () => {
    const calls = Array.from({ length: 30 }, () => post('k', deploymentBody()).expect(201));
    const ids = new Set((await Promise.all(calls)).map(({ body }) => body.id as string));
    expect(ids).to.have.property('size', 1);
    expect(await running.tenant.list()).to.have.length(1);
  });

  it('lets one of two different requests at once have the key', async () => {
    const answers = await Promise.all(
      ['1', '2'].map((version) => post('k', deploymentBody({ version }))),
    );
    expect(answers.map(({ status }) => status).toSorted()).to.deep.equal([201, 422]);
    const created = answers.find(({ status }) => status === 201);
    expect(await running.tenant.list()).to.deep.equal([created?.body]);
  });

  it('rolls back once for ten calls at once', async () => {
    const { tenant } = running;
    for (const version of ['1', '2']) await tenant.create({ version }, 'deployed');
    const answers = await Promise.all(Array.from({ length: 10 }, () => rollback().expect(201)));
    expect(new Set(answers.map(({ text }) => text))).to.have.property('size', 1);
    const first = answers.filter(({ headers }) => headers['idempotent-replayed'] === undefined);
    expect(first).to.have.length(1);
    expect(await tenant.list({ trigger: 'rollback' })).to.have.length(1);
  });

  it('is free again when the request was refused', async () => {
    const { tenant } = running;
    expectProblem(await rollback(), 404, 'rollback-source-not-found');
    for (const version of ['1', '2']) await tenant.create({ version }, 'deployed');
    expect((await rollback().expect(201)).headers['idempotent-replayed']).to.equal(undefined);
  });

  for (const [name, key] of [
    ['too long', 'k'.repeat(256)],
    ['with a space', 'a b'],
    ['empty', ''],
  ] as const) {
    it(`is refused when it is ${name}`, async () => {
      const response = await post(key, deploymentBody());
      const detail = 'Idempotency-Key must be 1 to 255 printable ASCII characters without spaces';
      expectProblem(response, 422, 'contract-violation', detail);
    });
  }
});
