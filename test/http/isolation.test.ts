import { expect } from 'chai';
import { Tenant } from '../support/deployments.js';
import { runService } from '../support/http.js';

const unknown = '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f';

describe('tenants', () => {
  const running = runService();

  const calls: [
    operation: string,
    call: (id: string) => { method: 'get' | 'patch' | 'post'; path: string },
  ][] = [
    ['getDeployment', (id) => ({ method: 'get', path: `/v1/deployments/${id}` })],
    ['updateDeployment', (id) => ({ method: 'patch', path: `/v1/deployments/${id}` })],
    ['rollbackDeployment', (id) => ({ method: 'post', path: `/v1/deployments/${id}/rollback` })],
    ['getDeploymentLineage', (id) => ({ method: 'get', path: `/v1/deployments/${id}/lineage` })],
    ['listDeploymentEvents', (id) => ({ method: 'get', path: `/v1/deployments/${id}/events` })],
  ];
  for (const [operation, call] of calls) {
    it(`cannot tell another's id from an unknown one through ${operation}, byte for byte`, async () => {
      const { service, tenant } = running;
      await tenant.create({ version: '1' }, 'deployed');
      const foreign = await tenant.create({ version: '2' }, 'deployed');
      const answer = async (id: string) => {
        const { method, path } = call(id);
        const request = service.api[method](path)
          .set('X-Organisation', 'intruder')
          .set('X-Request-Id', 'same');
        const response = await (method === 'patch' ? request.send({ status: 'failed' }) : request);
        const { date, ...headers } = response.headers as Record<string, string>;
        expect(date).to.be.a('string');
        return { status: response.status, headers, text: response.text.replaceAll(id, 'ID') };
      };
      const refused = await answer(foreign.id);
      expect(refused.status).to.equal(404);
      expect(refused).to.deep.equal(await answer(unknown));
      expect(await tenant.get(foreign.id)).to.deep.equal(foreign);
    });
  }

  it('see only their own deployments in a list, with and without filters', async () => {
    const { service, tenant } = running;
    const other = new Tenant(service, `${tenant.organisation}-other`);
    const mine = await tenant.create();
    const theirs = await other.create();
    expect(await tenant.list()).to.deep.equal([mine]);
    expect(await other.list({ name: 'checkout' })).to.deep.equal([theirs]);
  });

  it('do not skip or roll back what is alike in another organisation', async () => {
    const { service, tenant } = running;
    const other = new Tenant(service, `${tenant.organisation}-other`);
    const theirs = await other.create({ version: '1' });
    await tenant.create({ version: '1' }, 'deployed');
    await tenant.create({ version: '2' }, 'deployed');
    expect(await other.get(theirs.id)).to.deep.equal(theirs);
    await service.api
      .post('/v1/deployments/rollback')
      .query({ name: 'checkout', environment: 'production', provider: 'gcp' })
      .set('X-Organisation', other.organisation)
      .expect(404);
  });

  it('may use the same Idempotency-Key for different requests', async () => {
    const { service, tenant } = running;
    for (const organisation of [tenant.organisation, `${tenant.organisation}-other`]) {
      const response = await service.api
        .post('/v1/deployments')
        .set('X-Organisation', organisation)
        .set('Idempotency-Key', 'shared')
        .send({ name: organisation, version: '1', environment: 'e', provider: 'gcp', type: 'k8s' })
        .expect(201);
      expect(response.headers['idempotent-replayed']).to.equal(undefined);
    }
  });
});
