import { expect } from 'chai';
import { deploymentBody } from '../support/deployments.js';
import { runEdge } from '../support/edge.js';
import type { Edge } from '../support/edge.js';

/** Creates; what the operation saw, or the response when it was refused. */
async function create(edge: Edge, fields: object): Promise<unknown> {
  const response = await fetch(`${edge.url}/v1/deployments`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(fields),
  });
  return response.ok ? edge.asked.at(-1)?.body : response.json();
}

async function query(edge: Edge, path: string, method = 'GET'): Promise<unknown> {
  const response = await fetch(edge.url + path, { method });
  return response.ok ? edge.asked.at(-1)?.query : response.json();
}

const optional = ['cloud_account_id', 'region', 'cell'];
const blanks = ['', ' ', '\t\r\n', '\u00a0\u2003\u3000', ' '.repeat(255)];
const rollback = '/v1/deployments/rollback?name=checkout&provider=gcp';

describe('a part of the taxonomy that is empty or blank', () => {
  const edge = runEdge();

  for (const field of optional) {
    it(`is the same as none in a body, ${field}`, async () => {
      for (const blank of [...blanks, null]) {
        expect(await create(edge, deploymentBody({ [field]: blank }))).to.have.property(
          field,
          null,
        );
      }
      const some = ' a ';
      expect(await create(edge, deploymentBody({ [field]: some }))).to.have.property(field, some);
    });

    it(`is the same as none in a query, ${field}`, async () => {
      for (const [path, method] of [
        ['/v1/deployments?', 'GET'],
        [`${rollback}&environment=production`, 'POST'],
      ] as const) {
        for (const blank of blanks) {
          const seen = await query(edge, `${path}&${field}=${encodeURIComponent(blank)}`, method);
          expect(seen).to.be.an('object').and.not.to.have.any.keys(field, 'errors');
        }
        expect(await query(edge, `${path}&${field}`, method)).not.to.have.any.keys(field, 'errors');
        expect(await query(edge, `${path}&${field}=+a`, method)).to.have.property(field, ' a');
      }
    });
  }

  it('is still refused where it is needed', async () => {
    for (const field of ['name', 'version', 'environment']) {
      const problem = await create(edge, { ...deploymentBody(), [field]: '' });
      expect(problem).to.have.nested.property('errors[0].pointer', `#/${field}`);
    }
    for (const filter of [
      'name',
      'version',
      'environment',
      'provider',
      'limit',
      'cursor',
      'status',
    ]) {
      const problem = await query(edge, `/v1/deployments?${filter}=`);
      expect(problem, filter).to.have.nested.property('errors[0].parameter', filter);
    }
  });
});

describe('the name of an environment', () => {
  const edge = runEdge();

  for (const [sent, seen] of [
    ['Production', 'production'],
    ['PRODUCTION-EU', 'production-eu'],
    ['ÄÖÜ ÉTÉ', 'äöü été'],
    ['staging', 'staging'],
  ] as const) {
    it(`is taken in lower case everywhere, ${sent}`, async () => {
      const encoded = encodeURIComponent(sent);
      expect(await create(edge, deploymentBody({ environment: sent }))).to.include({
        environment: seen,
      });
      expect(await query(edge, `/v1/deployments?environment=${encoded}`)).to.include({
        environment: seen,
      });
      expect(await query(edge, `${rollback}&environment=${encoded}`, 'POST')).to.include({
        environment: seen,
      });
    });
  }

  it('is checked as it will be stored: in lower case it may be longer', async () => {
    const name = 'İ'.repeat(255);
    const message = 'must NOT have more than 255 characters';
    expect(await create(edge, deploymentBody({ environment: name })))
      .to.have.nested.property('errors[0]')
      .that.deep.equals({ pointer: '#/environment', message });
  });

  it('is the only thing whose case does not matter', async () => {
    const fields = {
      name: 'Checkout',
      version: 'V1',
      region: 'EU',
      cell: 'C',
      cloud_account_id: 'A',
    };
    expect(await create(edge, deploymentBody(fields))).to.include(fields);
    expect(
      await query(edge, `/v1/deployments?${new URLSearchParams(fields).toString()}`),
    ).to.include(fields);
  });

  it('has to be there', async () => {
    const body = { ...deploymentBody(), environment: undefined };
    expect(await create(edge, body)).to.have.nested.property('errors[0].pointer', '#/environment');
    expect(await create(edge, { ...body, environment: null })).to.have.property('errors');
    const problem = await query(edge, rollback, 'POST');
    expect(problem).to.have.nested.property('errors[0].parameter', 'environment');
  });
});

describe('the name of an environment, where the service has a default', () => {
  const edge = runEdge({ DEFAULT_ENVIRONMENT: 'Production' });
  const body = { ...deploymentBody(), environment: undefined };

  it('is the default where a client sends none', async () => {
    expect(await create(edge, body)).to.include({ environment: 'production' });
    expect(await create(edge, { ...body, environment: null })).to.include({
      environment: 'production',
    });
    expect(await query(edge, rollback, 'POST')).to.include({ environment: 'production' });
  });

  it('is what the client sends where it sends one', async () => {
    expect(await create(edge, { ...body, environment: 'Test' })).to.include({
      environment: 'test',
    });
    const sent = await query(edge, `${rollback}&environment=Test`, 'POST');
    expect(sent).to.include({ environment: 'test' });
  });

  it('is refused where it is sent and cannot be one: a variable that was not set is a fault', async () => {
    for (const wrong of ['', 1, ['production'], {}]) {
      const problem = await create(edge, { ...body, environment: wrong });
      expect(problem).to.have.nested.property('errors[0].pointer', '#/environment');
    }
    const problem = await query(edge, `${rollback}&environment=`, 'POST');
    expect(problem).to.have.nested.property('errors[0].parameter', 'environment');
  });

  it('narrows no list that names none', async () => {
    expect(await query(edge, '/v1/deployments')).not.to.have.property('environment');
  });
});
