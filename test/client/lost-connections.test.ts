import { expect } from 'chai';
import { createClient, noCredentials } from '../../src/client/client.js';
import { startCuttingProxy } from '../support/cutting-proxy.js';
import { deploymentBody } from '../support/deployments.js';
import { runService } from '../support/http.js';
import { Random } from '../support/random.js';

describe('a network that cuts a third of the connections at random points', () => {
  const running = runService();

  it('leaves exactly one hundred deployments of one hundred creations', async () => {
    const { service, tenant } = running;
    const proxy = await startCuttingProxy(service.apiUrl, new Random(20_260_105));
    const client = createClient({
      url: proxy.url,
      credentials: noCredentials(tenant.organisation),
      // A third is lost each time: not one of a hundred fails twenty times in a row.
      retry: { attempts: 20, minDelayMs: 1, maxDelayMs: 20 },
    });
    try {
      const versions = Array.from({ length: 100 }, (_, index) => `1.0.${index}`);
      let replayed = 0;
      const ids = new Map<string, string>();
      const waiting = [...versions];
      const one = async (): Promise<void> => {
        for (let version = waiting.pop(); version !== undefined; version = waiting.pop()) {
          const answer = await client.createDeployment(deploymentBody({ version }));
          ids.set(version, answer.deployment.id);
          if (answer.replayed) replayed += 1;
        }
      };
      await Promise.all(Array.from({ length: 10 }, one));

      const stored = await tenant.list({ limit: 1000 });
      expect(stored).to.have.length(100);
      expect(new Map(stored.map(({ version, id }) => [version, id]))).to.deep.equal(ids);
      // The network did cut, everywhere, and some of the calls had taken effect by then.
      expect(replayed).to.be.greaterThan(10);
      for (const count of Object.values(proxy.cut)) expect(count).to.be.greaterThan(5);
      const cut = Object.values(proxy.cut).reduce((sum, count) => sum + count);
      expect(cut).to.equal(proxy.connections - 100);
      expect(cut / proxy.connections).to.be.within(0.2, 0.5);
    } finally {
      await proxy.stop();
    }
  });
});
