import { expect } from 'chai';
import { ask, openConnection, openFilesLimit, tallyOutcomes } from '../support/connections.js';
import type { Outcome, RawConnection } from '../support/connections.js';
import { Processes } from '../support/process.js';
import type { ServiceProcess } from '../support/process.js';
import { environment } from './support/environment.js';

/** As many as this machine lets a process have, beside what else is open. */
const idle = Math.min(10_000, openFilesLimit() - 500);
const asked = 100;

describe(`${idle} idle connections`, function () {
  this.timeout(240_000);
  let processes: Processes;
  before(() => {
    if (idle < 10_000) console.warn('      fewer than 10,000: this machine allows no more files');
  });
  beforeEach(async () => {
    processes = await Processes.create();
  });
  afterEach(() => processes.dispose());

  async function openIdle({ apiUrl }: ServiceProcess): Promise<RawConnection[]> {
    const connections: RawConnection[] = [];
    while (connections.length < idle) {
      const batch = Array.from({ length: Math.min(200, idle - connections.length) }, () =>
        openConnection(apiUrl),
      );
      connections.push(...(await Promise.all(batch)));
    }
    return connections;
  }

  async function askOften(url: string): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (let count = 0; count < asked; count += 1) outcomes.push(await ask(url));
    return outcomes;
  }

  it('are nothing to callers while there may be more', async () => {
    const service = await processes.start({
      ...environment,
      HTTP_MAX_CONNECTIONS: String(idle + 100),
      HTTP_HEADERS_TIMEOUT_MS: '120000',
      HTTP_REQUEST_TIMEOUT_MS: '120000',
    });
    const connections = await openIdle(service);
    const api = tallyOutcomes(await askOften(`${service.apiUrl}/v1/deployments`));
    const ready = tallyOutcomes(await askOften(`${service.managementUrl}/ready`));
    console.log(`      API ${JSON.stringify(api)}, management ${JSON.stringify(ready)}`);
    for (const { socket } of connections) socket.destroy();
    expect(api).to.deep.equal({ 200: asked });
    expect(ready).to.deep.equal({ 200: asked });
  });

  it('that are all that may be make others get 503 with Retry-After, until they are given up', async () => {
    const service = await processes.start({
      ...environment,
      HTTP_MAX_CONNECTIONS: String(idle),
      HTTP_HEADERS_TIMEOUT_MS: '20000',
    });
    const connections = await openIdle(service);
    const [first, ...rest] = await askOften(`${service.apiUrl}/v1/deployments`);
    const api = tallyOutcomes(first === undefined ? [] : [first, ...rest]);
    const ready = tallyOutcomes(await askOften(`${service.managementUrl}/ready`));
    console.log(`      API ${JSON.stringify(api)}, management ${JSON.stringify(ready)}`);
    expect(api).to.deep.equal({ 503: asked });
    expect(ready).to.deep.equal({ 200: asked });
    if (first === undefined || 'error' in first) throw new Error('There is no answer');
    expect(first.headers['retry-after']).to.equal('1');
    expect(first.body).to.include('urn:problem-type:deployment-queue:overloaded');

    const texts = await Promise.all(connections.map(({ closed }) => closed));
    const told = texts.filter((text) => text.startsWith('HTTP/1.1 408 ')).length;
    const again = tallyOutcomes(await askOften(`${service.apiUrl}/v1/deployments`));
    console.log(`      given up with 408: ${told}; after that API ${JSON.stringify(again)}`);
    expect(told).to.equal(idle);
    expect(again).to.deep.equal({ 200: asked });
  });
});
