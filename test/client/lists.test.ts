import { expect } from 'chai';
import { createClient, noCredentials } from '../../src/client/client.js';
import { loadContract } from '../../src/contract/contract.js';
import { runBehindGateway } from '../support/client.js';

describe('the lists of the client', () => {
  const through = runBehindGateway();

  it('are there over all pages for every operation that has pages', () => {
    const client = createClient({ url: 'http://127.0.0.1:1', credentials: noCredentials() });
    const paged = loadContract()
      .operations.filter(({ parameters }) => parameters.some(({ name }) => name === 'cursor'))
      .map(({ operationId }) => operationId);
    const expected = paged.map((operationId) =>
      operationId === 'compareEnvironments'
        ? 'listAllDifferences'
        : operationId.replace(/^list/, 'listAll'),
    );
    const found = Object.keys(client).filter((name) => name.startsWith('listAll'));
    expect(expected).to.include('listAllDeployments');
    expect(found).to.have.members(expected);
  });

  it('have every environment that somebody has set, by name', async () => {
    const client = through.client();
    for (const name of ['staging', 'production', 'test']) {
      await client.putEnvironment(name, { order: 'oldest' });
    }
    through.gateway.seen.length = 0;
    const found: unknown[] = [];
    for await (const { environment, order } of client.listAllEnvironments({ limit: 1 })) {
      found.push([environment, order]);
    }
    expect(found).to.deep.equal([
      ['production', 'oldest'],
      ['staging', 'oldest'],
      ['test', 'oldest'],
    ]);
    expect(through.gateway.seen).to.have.length(3);
  });
});
