import { once } from 'node:events';
import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import supertest from 'supertest';
import type { ServiceProcess } from '../support/process.js';
import { logLines, Processes } from '../support/process.js';
import { deploymentBody } from '../support/deployments.js';
import { expectProblem } from '../support/http.js';
import { parseExposition, valueOf } from '../support/exposition.js';
import { until } from '../support/until.js';

const list = (limit: number): string => `/v1/deployments?limit=${limit}`;

/** Sends requests over connections of its own, which stay open. */
class Callers {
  readonly #url: string;
  readonly #agent: Agent;
  /** How many requests have not been answered. */
  underWay = 0;
  /** How often each status was answered. */
  readonly statuses: Record<number, number> = {};

  private constructor(url: string, connections: number) {
    this.#url = url;
    // Those who are free longest come first, so that all of them are used.
    this.#agent = new Agent({
      ...{ keepAlive: true, maxSockets: connections, maxFreeSockets: connections },
      scheduling: 'fifo',
    });
  }

  /** Opens the connections first: a busy server takes one in a turn of its event loop. */
  static async open(url: string, connections: number): Promise<Callers> {
    const callers = new Callers(url, connections);
    await Promise.all(
      Array.from({ length: connections }, () => callers.send('GET', '/openapi.yaml')),
    );
    // On a busy machine more than a hundred at once may be too many already.
    expect(callers.statuses[503] ?? 0).to.be.lessThan(connections > 100 ? connections : 1);
    callers.statuses[200] = 0;
    return callers;
  }

  async send(method: 'GET' | 'HEAD' | 'POST', path: string, body?: object): Promise<number> {
    this.underWay += 1;
    const headers = { 'Content-Type': 'application/json' };
    const sent = request(this.#url + path, { method, agent: this.#agent, headers });
    sent.end(body && JSON.stringify(body));
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    await once(response.resume(), 'end');
    const { statusCode = 0 } = response;
    this.statuses[statusCode] = (this.statuses[statusCode] ?? 0) + 1;
    this.underWay -= 1;
    return statusCode;
  }

  close(): void {
    this.#agent.destroy();
  }
}

describe('more to do than the service gets done', function () {
  this.timeout(120_000);
  let processes: Processes;
  let service: ServiceProcess;
  before(async () => {
    processes = await Processes.create();
    // Any turn of the event loop with some lists in it is late by that.
    service = await processes.start({
      AUTH_ENABLED: 'false',
      OVERLOAD_LAG_MS: '5',
      // One organisation sends it all here; held to its rate, it could not make so much to do.
      RATE_LIMIT_PER_SECOND: '0',
    });
    const callers = await Callers.open(service.apiUrl, 20);
    const create = () => callers.send('POST', '/v1/deployments', deploymentBody());
    await Promise.all(Array.from({ length: 1_000 }, create));
    expect(callers.statuses).to.deep.equal({ 200: 0, 201: 1_000 });
    callers.close();
  });
  after(() => processes.dispose());

  const said = (message: string) =>
    logLines(service.lines.join('\n')).some(({ msg }) => msg === message);
  const metrics = async () => {
    const { text } = await supertest(service.managementUrl).get('/metrics').expect(200);
    return parseExposition(text);
  };
  /** How often the event loop was late by more than a multiple of the threshold. */
  const late = async () => {
    const samples = await metrics();
    const within = valueOf(samples, 'event_loop_lag_seconds_bucket', { le: '0.025' }) ?? 0;
    return (valueOf(samples, 'event_loop_lag_seconds_count') ?? 0) - within;
  };

  it('is not what a hundred ask for who wait for their answers: none is refused', async () => {
    const callers = await Callers.open(service.apiUrl, 100);
    const before = await late();
    let enough = false;
    const working = Array.from({ length: 100 }, async () => {
      while (!enough) await callers.send('GET', list(1_000));
    });
    try {
      await until('the loop is late', async () => (await late()) >= before + 10);
    } finally {
      enough = true;
      await Promise.all(working);
    }
    callers.close();
    expect(Object.keys(callers.statuses)).to.deep.equal(['200']);
    expect(said('overloaded, shedding requests')).to.equal(false);
  });

  it('is what comes faster than it is answered: some get 503 early, management none', async () => {
    // As many connections as proxies in front of it might keep.
    const callers = await Callers.open(service.apiUrl, 600);
    const began = performance.now();
    await Promise.all(Array.from({ length: 600 }, () => callers.send('HEAD', list(200))));
    // Three times as many a second as were answered, whatever becomes of them.
    const each = (performance.now() - began) / 600 / 3;
    let enough = false;
    const send = async (): Promise<void> => {
      let due = performance.now();
      while (!enough) {
        for (; due < performance.now(); due += each) {
          if (callers.underWay < 600) void callers.send('HEAD', list(200));
        }
        await sleep(1);
      }
    };
    const sending = send();
    const api = supertest.agent(service.apiUrl);
    try {
      await until('it sheds', () => said('overloaded, shedding requests'));

      const refused = await until('one is refused', async () => {
        const response = await api.get('/v1/deployments?limit=1');
        return response.status === 503 && response;
      });
      expectProblem(
        refused,
        503,
        'overloaded',
        'The service is overloaded; try again in 2 seconds',
      );
      expect(refused.headers['retry-after']).to.equal('2');
      await supertest(service.managementUrl).get('/health').expect(200);
      await supertest(service.managementUrl).get('/ready').expect(200);
    } finally {
      enough = true;
      await sending;
    }
    await until('all are answered', () => callers.underWay === 0);
    callers.close();

    const { 200: answered = 0, 503: turnedAway = 0 } = callers.statuses;
    expect(answered).to.be.greaterThan(0);
    // Metrics are as they were a second ago at the most.
    await until('all are counted', async () => {
      const counted = valueOf(await metrics(), 'requests_refused_total', { reason: 'overloaded' });
      return (counted ?? 0) >= turnedAway + 1;
    });

    // It may have said so before, and been overloaded again since.
    await until('it is over', async () => (await api.get('/v1/deployments')).status === 200);
    await until('it says so', () => said('no longer overloaded'));
    // One line says so, not one for each request that was refused.
    expect(said('request failed')).to.equal(false);
  });
});
