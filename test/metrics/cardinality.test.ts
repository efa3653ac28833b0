import { METHODS } from 'node:http';
import { expect } from 'chai';
import { createMetrics } from '../../src/metrics/metrics.js';
import { createLabelLimit } from '../../src/metrics/label-limit.js';
import { deploymentBody } from '../support/deployments.js';
import { parseExposition, scrape } from '../support/exposition.js';
import type { Sample } from '../support/exposition.js';
import { runService } from '../support/http.js';
import { sendRaw } from '../support/raw-http.js';
import { startTestService } from '../support/service.js';
import { storedDeployment } from '../support/stored.js';

const organisations = 5;
const environmentsEach = 10;

/** Runs a task for each number, some at a time. */
async function forEach(count: number, task: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < count; index = next++) await task(index);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

const seriesOf = (samples: readonly Sample[], name: string) =>
  samples.filter((sample) => sample.name === name);
/** How many there are, without Node's own: of some there are more from the first collection on. */
const countOf = (samples: readonly Sample[]) =>
  samples.filter(({ name }) => !name.startsWith('nodejs_')).length;
const total = (samples: readonly Sample[]) => samples.reduce((sum, { value }) => sum + value, 0);

describe('the number of time series', () => {
  const running = runService({
    METRICS_LABEL_LIMIT: String(organisations),
    // Thousands of durable commits are not what is tested.
    SQLITE_PATH: ':memory:',
    // So that every scrape looks at the queue anew.
    METRICS_QUEUE_DEPTH_SECONDS: '1',
  });

  async function create(organisation: string, environment: string, index = 0): Promise<void> {
    const provider = (['gcp', 'aws', 'azure'] as const)[index % 3];
    const body = deploymentBody({
      environment,
      auto: index % 2 === 0,
      ...(provider && { provider }),
    });
    const response = await fetch(`${running.service.apiUrl}/v1/deployments`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Organisation': organisation },
      body: JSON.stringify(body),
    });
    expect(response.status).to.equal(201);
    await response.arrayBuffer();
  }

  it('is bounded, whatever environments and organisations callers name, and nothing is uncounted', async () => {
    const calls = 2_000;
    await forEach(calls, (index) => create(`org-${index % 400}`, `environment ${index}`, index));

    const samples = await scrape(running.service);
    const created = seriesOf(samples, 'deployments_created_total');
    const places = organisations * (environmentsEach + 1) + 1;
    expect(created.length).to.be.at.most(places * 3 * 2);
    expect(total(created)).to.equal(calls);
    const names = new Set(created.map(({ labels }) => labels['organisation']));
    expect(names.size).to.equal(organisations + 1);
    expect(names).to.include('_other');

    const depth = seriesOf(samples, 'deployment_queue_depth');
    expect(depth).to.have.length((organisations + 1) * 2);
    expect(total(depth)).to.equal(calls);
    expect(countOf(samples)).to.be.lessThan(1_500);
  });

  it('does not grow with the paths and methods that callers invent', async () => {
    const { apiUrl } = running.service;
    const invent = (count: number, tag: string) =>
      forEach(count, async (index) => {
        const path = index % 2 === 0 ? `/${tag}/${index}` : `/v1/deployments/${tag}-${index}`;
        await (await fetch(apiUrl + path)).arrayBuffer();
      });
    await invent(50, 'first');
    const before = countOf(await scrape(running.service));
    await invent(1_000, 'then');
    expect(countOf(await scrape(running.service))).to.equal(before);

    for (const method of METHODS.filter((name) => name !== 'CONNECT')) {
      await sendRaw(apiUrl, [`${method} /nothing HTTP/1.1`]);
    }
    const requests = seriesOf(await scrape(running.service), 'http_requests_total');
    const methods = new Set(requests.map(({ labels }) => labels['method']));
    expect([...methods]).to.have.members([
      'GET',
      'HEAD',
      'POST',
      'PATCH',
      'PUT',
      'DELETE',
      'OPTIONS',
      'OTHER',
    ]);
  });
});

describe('the metrics of a hundred thousand different callers', () => {
  it('are as many as those of some', async () => {
    const metrics = createMetrics('1.2.3', organisations);
    const count = async () => countOf(parseExposition(await metrics.render()));
    const call = (index: number): void => {
      const organisation = `org-${index % 1_000}`;
      const { deployment } = storedDeployment(1, { organisation, environment: `e-${index}` });
      metrics.deploymentCreated(deployment);
      metrics.rolledBack(deployment);
      metrics.deploymentUpdated(organisation, 'deployed');
      metrics.deploymentsSkipped(organisation, 1);
      metrics.httpRequestStarted();
      metrics.httpRequest(`METHOD${index}`, 'unmatched', 404, 0.001);
    };
    for (let index = 0; index < 20_000; index += 1) call(index);
    const some = await count();
    for (let index = 20_000; index < 100_000; index += 1) call(index);
    expect(await count()).to.equal(some);
    metrics.stop();
  });
});

describe('labels of names that callers choose', () => {
  it('are what they are, also with quotes, backslashes and more', async () => {
    const service = await startTestService();
    try {
      const environment = 'a "quoted" \\ name {with="labels"}, ünïcode 🚀';
      await service.api.post('/v1/deployments').send(deploymentBody({ environment })).expect(201);
      const created = seriesOf(await scrape(service), 'deployments_created_total');
      expect(created.map(({ labels }) => labels['environment'])).to.deep.equal([environment]);
    } finally {
      await service.stop();
    }
  });

  it('are given to those that come first, and are kept', () => {
    const limit = createLabelLimit(2);
    expect(['a', 'b', 'c', 'a', 'c'].map((name) => limit.organisation(name))).to.deep.equal([
      ...['a', 'b', '_other', 'a', '_other'],
    ]);
  });

  it('are kept for the organisations that are allowed, whoever comes first', () => {
    const limit = createLabelLimit(3, ['acme', 'globex']);
    const names = ['stranger', 'other', 'globex', 'third', 'acme', 'stranger'];
    expect(names.map((name) => limit.organisation(name))).to.deep.equal([
      ...['stranger', '_other', 'globex', '_other', 'acme', 'stranger'],
    ]);
    expect(limit.environment('acme', 'production')).to.equal('production');
  });

  it('are as many as they may be, however many organisations are allowed', () => {
    const limit = createLabelLimit(2, ['a', 'b', 'c']);
    expect(['c', 'b', 'a'].map((name) => limit.organisation(name))).to.deep.equal([
      ...['_other', 'b', 'a'],
    ]);
  });

  for (const allowed of ['acme', 'acme~65']) {
    it(`of a service are those of ALLOWED_ORGANISATIONS first: ${allowed}`, async () => {
      const service = await startTestService({
        METRICS_LABEL_LIMIT: '1',
        ALLOWED_ORGANISATIONS: allowed,
      });
      try {
        for (const organisation of ['stranger', 'acme']) {
          await service.api
            .post('/v1/deployments')
            .set('X-Organisation', organisation)
            .send(deploymentBody())
            .expect(201);
        }
        const created = seriesOf(await scrape(service), 'deployments_created_total');
        expect(created.map(({ labels }) => labels['organisation'])).to.have.members([
          ...['_other', 'acme'],
        ]);
      } finally {
        await service.stop();
      }
    });
  }

  it('are no fewer for one organisation because another has many', () => {
    const limit = createLabelLimit(2);
    const many = Array.from({ length: 50 }, (_, index) => limit.environment('a', `e${index}`));
    expect(many.filter((name) => name !== '_other')).to.have.length(environmentsEach);
    expect(limit.environment('a', 'e0')).to.equal('e0');
    expect(limit.environment('b', 'production')).to.equal('production');
    expect(limit.environment('c', 'production')).to.equal('_other');
  });
});
