import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { openConnection } from '../support/connections.js';
import type { RawConnection } from '../support/connections.js';
import { parseExposition, valueOf } from '../support/exposition.js';
import { Processes } from '../support/process.js';
import type { Ended, ServiceProcess } from '../support/process.js';
import { until } from '../support/until.js';
import { buildOnce } from './support/build.js';
import { environment } from './support/environment.js';
import { fillings, largestBody } from './support/largest.js';

/** What the process may have in the end: the limit of its container (compose.yaml). */
const containerMegabytes = 512;

/** How often each answer came; what was broken off, by the code of the error. */
type Tally = Record<string, number>;

describe('a heap of 256 MB', function () {
  this.timeout(300_000);
  before(buildOnce);
  let processes: Processes;
  let service: ServiceProcess;
  let ended: Ended | undefined;
  let watching: NodeJS.Timeout;
  let peak = { resident: 0, heap: 0 };
  // Connections on which nothing is asked are given up before the service does so, as callers have to.
  const agent = new Agent({
    ...{ keepAlive: true, maxSockets: 700, maxFreeSockets: 700 },
    timeout: 30_000,
  });

  before(async () => {
    processes = await Processes.create();
    const settings = { ...environment, NODE_OPTIONS: '--max-old-space-size=256' };
    service = await processes.start(settings, 'dist/main.js');
    void service.ended.then((how) => (ended = how));
    watching = setInterval(() => void measure().catch(() => undefined), 250);
  });
  beforeEach(() => {
    peak = { resident: 0, heap: 0 };
  });
  afterEach(async function () {
    if (ended !== undefined) {
      const { code, stdout, stderr } = ended;
      throw new Error(
        `The process has ended with ${code}: ${stdout.slice(-500)} ${stderr.slice(-2_000)}`,
      );
    }
    await measure();
    const { resident, heap } = peak;
    console.log(`      at most ${resident} MB, ${heap} MB of them on the heap`);
    expect(resident).to.be.below(containerMegabytes);
  });
  after(async () => {
    clearInterval(watching);
    agent.destroy();
    await processes.dispose();
  });

  async function measure(): Promise<void> {
    const text = await (await fetch(`${service.managementUrl}/metrics`)).text();
    const megabytes = (name: string): number =>
      Math.round((valueOf(parseExposition(text), name) ?? 0) / 2 ** 20);
    peak = {
      resident: Math.max(peak.resident, megabytes('process_resident_memory_bytes')),
      heap: Math.max(peak.heap, megabytes('nodejs_heap_size_used_bytes')),
    };
  }

  /** Sends a request, and reads no more of its response than the status says is wanted. */
  function send(
    organisation: string,
    method: string,
    path: string,
    body?: string,
    more: Record<string, string> = {},
  ): Promise<{ status: string; text: string }> {
    return new Promise((resolve) => {
      const fail = (error: NodeJS.ErrnoException): void => {
        resolve({ status: error.code ?? error.message, text: '' });
      };
      const headers = {
        'X-Organisation': organisation,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...more,
      };
      const sent = request(service.apiUrl + path, { method, headers, agent });
      sent.once('error', fail).once('response', (response: IncomingMessage) => {
        const { statusCode, headers: got } = response;
        const told = statusCode === 429 || statusCode === 503 ? 'retry-after' in got : true;
        let text = '';
        response.on('data', (chunk: Buffer) => {
          if (text.length < 8_192) text += chunk.toString('latin1');
        });
        response.once('error', fail).once('end', () => {
          resolve({
            status: told ? String(statusCode) : `${statusCode} without Retry-After`,
            text,
          });
        });
      });
      sent.end(body);
    });
  }

  function tally(answers: readonly { status: string }[]): Tally {
    const seen: Tally = {};
    for (const { status } of answers) seen[status] = (seen[status] ?? 0) + 1;
    console.log(`      ${JSON.stringify(seen)}`);
    return seen;
  }

  /** Expects success, or to be told when to come again; some of it must have been done. */
  function expectAnswered(answers: readonly { status: string }[]): void {
    const seen = tally(answers);
    for (const status of Object.keys(seen)) {
      expect(status).to.be.oneOf(['200', '201', '429', '503']);
    }
    expect((seen['200'] ?? 0) + (seen['201'] ?? 0)).to.be.above(0);
  }

  const times = <T>(count: number, make: (index: number) => T): T[] =>
    Array.from({ length: count }, (_none, index) => make(index));

  const create = (organisation: string, body: string, key?: string) =>
    send(
      organisation,
      'POST',
      '/v1/deployments',
      body,
      key === undefined ? {} : { 'Idempotency-Key': key },
    );

  /** Registers as many of the largest as make a page end by its size, as fast as it lets one. */
  async function fill(organisation: string, body: string, count: number): Promise<void> {
    for (let created = 0; created < count;) {
      const { status } = await create(organisation, body);
      if (status === '201') created += 1;
      else if (status === '429' || status === '503') await sleep(1_000);
      else throw new Error(`It was answered ${status}`);
    }
  }

  /** Expects that whoever else comes is served, if not at once. */
  const expectOthersServed = (organisation: string) =>
    until('others are served', async () => {
      const { status } = await create(organisation, largestBody('ascii'));
      return status === '201';
    });

  for (const filling of fillings) {
    it(`takes 1,400 creates of the largest at once, in ${filling}`, async () => {
      const body = largestBody(filling);
      expect(Buffer.byteLength(body)).to.be.within(95_000, 102_400);
      const answers = times(1_400, (index) => create(`${filling}-${index % 4}`, body));
      expectAnswered(await Promise.all(answers));
    });

    it(`gives pages of 1,000 of these to 400 callers at once, in ${filling}`, async () => {
      const organisation = `pages-${filling}`;
      await fill(organisation, largestBody(filling), 60);
      const answers = times(400, () => send(organisation, 'GET', '/v1/deployments?limit=1000'));
      expectAnswered(await Promise.all(answers));
    });

    it(`gives the lineage of 110 rollbacks to 200 callers at once, in ${filling}`, async () => {
      const organisation = `lineage-${filling}`;
      let last = '';
      const run = async (method: string, path: string, body?: string): Promise<string> => {
        for (;;) {
          const { status, text } = await send(organisation, method, path, body);
          if (status === '429' || status === '503') await sleep(1_000);
          else if (status.startsWith('20')) return /"id":"([^"]+)"/.exec(text)?.[1] ?? '';
          else throw new Error(`${status} ${text}`);
        }
      };
      const deploy = async (id: string): Promise<void> => {
        last = id;
        await run('PATCH', `/v1/deployments/${id}`, '{"status":"deployed"}');
      };
      for (const version of ['0', '1']) {
        await deploy(await run('POST', '/v1/deployments', largestBody(filling, { version })));
      }
      for (let count = 0; count < 110; count += 1) {
        const target = `target_version=${count % 2}`;
        await deploy(await run('POST', `/v1/deployments/${last}/rollback?${target}`));
      }
      const path = `/v1/deployments/${last}/lineage`;
      expectAnswered(await Promise.all(times(200, () => send(organisation, 'GET', path))));
    });

    it(`repeats the first responses of 200 keys, in ${filling}`, async () => {
      const body = largestBody(filling);
      const all = () =>
        Promise.all(
          times(400, (index) => create(`keys-${index % 2}-${filling}`, body, `k${index}`)),
        );
      expectAnswered(await all());
      await sleep(8_000);
      expectAnswered(await all());
    });
  }

  it('skips thousands of the largest behind six that are deployed at once', async () => {
    const waiting = 250;
    const deployed = await Promise.all(
      times(6, async (index) => {
        const organisation = `skips-${index}`;
        await fill(organisation, largestBody('emoji'), waiting);
        for (;;) {
          const { status, text } = await create(organisation, largestBody('emoji'));
          const [, id = ''] = /"id":"([^"]+)"/.exec(text) ?? [];
          if (status === '201') return { organisation, path: `/v1/deployments/${id}` };
          await sleep(1_000);
        }
      }),
    );
    const body = '{"status":"deployed"}';
    const answers = deployed.map(({ organisation, path }) =>
      send(organisation, 'PATCH', path, body),
    );
    expect(tally(await Promise.all(answers))).to.deep.equal({ 200: 6 });
    for (const { organisation } of deployed) {
      await until('all are skipped', async () => {
        const { text } = await send(
          organisation,
          'GET',
          '/v1/deployments?status=scheduled&limit=1',
        );
        return text === '[]';
      });
    }
  });

  const opened: RawConnection[] = [];
  afterEach(() => {
    for (const { socket } of opened.splice(0)) socket.destroy();
  });

  /** Opens connections, writes the same on each, and reads nothing. */
  async function openSilent(count: number, text: (index: number) => string): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const connection = await openConnection(service.apiUrl);
      connection.socket.pause();
      connection.socket.write(text(index));
      opened.push(connection);
    }
  }

  const list = (organisation: string): string =>
    `GET /v1/deployments?limit=1000 HTTP/1.1\r\nHost: x\r\nX-Organisation: ${organisation}\r\n\r\n`;

  it('lasts while 800 callers do not read their pages', async () => {
    const organisations = times(4, (index) => `unread-${index}`);
    await Promise.all(organisations.map((each) => fill(each, largestBody('control'), 60)));
    await openSilent(800, (index) => list(organisations[index % 4] ?? ''));
    await sleep(3_000);
    await expectOthersServed('beside-unread');
  });

  it('lasts while 100 callers ask for 20 pages on a connection each, and read none', async () => {
    const organisations = times(5, (index) => `pipelined-${index}`);
    await Promise.all(organisations.map((each) => fill(each, largestBody('control'), 60)));
    await openSilent(100, (index) => list(organisations[index % 5] ?? '').repeat(20));
    await sleep(3_000);
    await expectOthersServed('beside-pipelined');
  });

  it('lasts while 1,500 callers never send the last byte of the largest body', async () => {
    const body = largestBody('emoji');
    const head = `POST /v1/deployments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
    const length = `Content-Length: ${Buffer.byteLength(body) + 1}\r\n`;
    await openSilent(
      1_500,
      (index) => `${head}${length}X-Organisation: unsent-${index % 4}\r\n\r\n${body}`,
    );
    await sleep(2_000);
    await expectOthersServed('beside-unsent');
  });
});
