import { expect } from 'chai';
import { authenticateAll } from '../support/authenticated-service.js';
import { errorOf } from '../support/error-of.js';
import { breakResponses, rename } from './support/breaking-proxy.js';
import type { Break } from './support/breaking-proxy.js';
import { consumers } from './support/pacts.js';
import type { Consumer } from './support/pacts.js';
import { ProviderStates } from './support/provider-states.js';
import { verifyPact } from './support/verify.js';

describe('the service', () => {
  const running = authenticateAll();

  for (const consumer of consumers) {
    it(`keeps its pact with the ${consumer}`, async () => {
      const states = new ProviderStates(running.now);
      await verifyPact(consumer, running.now.service.apiUrl, states);
    });
  }

  it('keeps a pact also through a proxy that breaks nothing', async () => {
    const states = new ProviderStates(running.now);
    const proxy = await breakResponses(running.now.service.apiUrl, (body) => body);
    try {
      await verifyPact('checkout-pipeline', proxy.url, states);
    } finally {
      await proxy.stop();
    }
  });

  const broken: [Consumer, string, Break, told: string][] = [
    [
      'checkout-pipeline',
      'a field of another name',
      rename('status', 'state'),
      'missing the following keys: status',
    ],
    [
      'deployments-dashboard',
      'a field of another name',
      rename('created_at', 'createdAt'),
      'missing the following keys: created_at',
    ],
    ['deployments-dashboard', 'a list in an envelope', (body) => ({ items: body }), 'Expected'],
  ];
  for (const [consumer, what, breakBody, told] of broken) {
    it(`breaks its pact with the ${consumer} by ${what}, which is noticed`, async () => {
      const states = new ProviderStates(running.now);
      const proxy = await breakResponses(running.now.service.apiUrl, breakBody);
      try {
        const error = await errorOf(verifyPact(consumer, proxy.url, states));
        expect(error).to.be.instanceOf(Error);
        expect((error as Error).message).to.include(told);
      } finally {
        await proxy.stop();
      }
    });
  }
});
