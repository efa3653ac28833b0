import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import {
  ConnectionFailed,
  createClient,
  noCredentials,
  ProblemError,
} from '../../src/client/client.js';
import type {
  ClientError,
  FeedEvent,
  FollowOptions,
  StreamQuery,
} from '../../src/client/client.js';
import { openStream } from '../../src/client/stream.js';
import { rejection, runBehindGateway } from '../support/client.js';
import { startCuttingStreams } from '../support/cutting-streams.js';
import { Random } from '../support/random.js';

const quickly = { minDelayMs: 1, maxDelayMs: 10 };

describe('events of the client', () => {
  const through = runBehindGateway();
  const tenant = () => through.running.tenant;
  const client = () => through.client({ retry: { attempts: 2, ...quickly } });
  const streams = () => through.gateway.seen.filter(({ path }) => path.startsWith('/v1/events'));

  /** Follows until so many events have come. */
  async function take(
    count: number,
    query: StreamQuery,
    options: FollowOptions = {},
    follower = client(),
  ): Promise<FeedEvent[]> {
    const taken: FeedEvent[] = [];
    for await (const event of follower.events(query, options)) {
      if (taken.push(event) === count) break;
    }
    return taken;
  }

  it('are what is listed, from where they are asked for', async () => {
    const { id } = await tenant().create();
    await tenant().create({ environment: 'staging' });
    await tenant().move(id, 'deployed');
    const { events, position, more } = await client().listEvents({ after: 0 });
    expect({ position, more }).to.deep.equal({ position: 3, more: false });
    expect(events.map(({ type }) => type)).to.have.length(3);
    expect(await take(3, { after: 0 })).to.deep.equal(events);
    expect(await take(1, { last: 1 })).to.deep.equal(events.slice(2));
    const query = { after: 0, environment: 'production', type: 'deployment.deployed' } as const;
    expect(await take(1, query)).to.deep.equal(events.slice(2));
    const page = await client().listEvents({ limit: 1 });
    expect(page).to.deep.include({ position: 1, more: true });
  });

  it('begin with what happens from now on, also when nothing came before the connection was lost', async () => {
    await tenant().create({ version: '1' });
    const proxy = await startCuttingStreams(through.gateway.url, new Random(1));
    const retry = { attempts: 100, minDelayMs: 1, maxDelayMs: 500 };
    const follower = createClient({
      url: proxy.url,
      credentials: noCredentials(tenant().organisation),
      retry,
    });
    const told: boolean[] = [];
    const onConnection = (isOpen: boolean) => {
      told.push(isOpen);
      // While nobody listens, something happens.
      if (!isOpen) void tenant().create({ version: '2' });
      else if (told.length === 1) proxy.cutAll();
    };
    try {
      const [event] = await take(1, {}, { onConnection }, follower);
      expect(event?.version).to.equal('2');
      expect(told).to.deep.equal([true, false, true]);
    } finally {
      await proxy.stop();
    }
  });

  it('come each once, in their order, through a network that cuts every stream', async () => {
    const count = 300;
    const proxy = await startCuttingStreams(through.gateway.url, new Random(7), 30_000);
    const cut = createClient({
      url: proxy.url,
      credentials: noCredentials(tenant().organisation),
      retry: { attempts: 100, ...quickly },
    });
    try {
      const taking = take(count, { after: 0 }, {}, cut);
      for (let nth = 0; nth < count / 10; nth += 1) {
        await Promise.all(Array.from({ length: 10 }, () => tenant().create()));
      }
      const positions = (await taking).map(({ position }) => position);
      expect(positions).to.deep.equal(Array.from({ length: count }, (_, nth) => nth + 1));
      expect(proxy.cuts).to.be.greaterThan(5);
    } finally {
      await proxy.stop();
    }
  });

  it('end with the signal, and with what the service refuses', async () => {
    const ending = new AbortController();
    const reason = new Error('enough');
    const onConnection = () => {
      ending.abort(reason);
    };
    const ended = await rejection(take(1, {}, { signal: ending.signal, onConnection }), Error);
    expect(ended).to.equal(reason);
    const refused = await rejection(take(1, { after: 99 }), ProblemError);
    expect(refused.message).to.include('beyond the end of the feed, 0');
  });

  it('need a first response within the usual tries, and none after that', async () => {
    const nowhere = createClient({
      url: 'http://127.0.0.1:9',
      credentials: noCredentials('acme'),
      retry: { attempts: 2, ...quickly },
    });
    await rejection(take(1, {}, {}, nowhere), ConnectionFailed);
    expect(streams()).to.deep.equal([]);
  });
});

describe('a stream on which nothing comes any more', () => {
  it('counts as lost', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write('id: 1\ndata: {}\n\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const url = new URL(`http://127.0.0.1:${port}`);
      const request = { name: 'streamEvents', method: 'GET', url, headers: new Headers() };
      const options = { fetch, timeoutMs: 10_000, signal: undefined, success: [200] };
      const stream = await openStream(request, options, 20);
      const messages = stream.messages();
      const first = await messages.next();
      expect(first.value).to.deep.include.members([{ id: '1', event: undefined, data: '{}' }]);
      const lost: unknown = await messages.next().catch((error: unknown) => error);
      expect(lost).to.have.property('code', 'timed_out');
      expect((lost as ClientError).retryable).to.equal(true);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
