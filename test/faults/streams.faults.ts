import { expect } from 'chai';
import { createClient, noCredentials } from '../../src/client/client.js';
import type { FeedEvent, StreamQuery } from '../../src/client/client.js';
import { startCuttingStreams } from '../support/cutting-streams.js';
import { deploymentBody } from '../support/deployments.js';
import { Processes } from '../support/process.js';
import { Random } from '../support/random.js';
import { environment } from './support/environment.js';

/** So many at once that the rate of one organisation would make it take minutes. */
const count = 10_000;

describe(`a stream of ${count} events, which is cut at random places`, () => {
  let processes: Processes;
  before(async () => {
    processes = await Processes.create();
  });
  after(() => processes.dispose());

  it('gives each of them once and in order, to everybody who follows and to nobody else', async () => {
    const { apiUrl } = await processes.start({ ...environment, RATE_LIMIT_PER_SECOND: '0' });
    const proxy = await startCuttingStreams(apiUrl, new Random(18), 500_000);
    const clientOf = (organisation: string, url: string) =>
      createClient({
        url,
        credentials: noCredentials(organisation),
        retry: { attempts: 100, minDelayMs: 1, maxDelayMs: 20 },
      });
    async function follow(
      organisation: string,
      query: StreamQuery,
      enough: number,
    ): Promise<FeedEvent[]> {
      const events: FeedEvent[] = [];
      for await (const event of clientOf(organisation, proxy.url).events(query)) {
        if (events.push(event) === enough) break;
      }
      return events;
    }
    try {
      const following = [
        follow('acme', { after: 0 }, count),
        follow('acme', { after: 0, name: 'even' }, count / 2),
        follow('other', { after: 0 }, 1),
      ];
      // Past the proxy: what is cut is the streams.
      const writer = clientOf('acme', apiUrl);
      const names = Array.from({ length: count }, (_, nth) => (nth % 2 === 0 ? 'even' : 'odd'));
      const create = async (): Promise<void> => {
        for (let name = names.pop(); name !== undefined; name = names.pop()) {
          await writer.createDeployment(deploymentBody({ name }));
        }
      };
      await Promise.all(Array.from({ length: 20 }, create));
      // A follower who comes late reads all of it from the store.
      following.push(follow('acme', { after: 0 }, count));
      await clientOf('other', apiUrl).createDeployment(deploymentBody({ name: 'theirs' }));

      const [all = [], even = [], other = [], late = []] = await Promise.all(following);
      const everything = Array.from({ length: count }, (_, nth) => nth + 1);
      expect(all.map(({ position }) => position)).to.deep.equal(everything);
      expect(new Set(all.map(({ deployment_id: id }) => id)).size).to.equal(count);
      expect(late).to.deep.equal(all);
      expect(even).to.deep.equal(all.filter(({ name }) => name === 'even'));
      expect(other.map(({ position, name }) => [position, name])).to.deep.equal([[1, 'theirs']]);
      console.log(`      ${proxy.cuts} streams were cut`);
      expect(proxy.cuts).to.be.greaterThan(20);
    } finally {
      await proxy.stop();
    }
  });
});
