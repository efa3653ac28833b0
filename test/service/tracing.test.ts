import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { expect } from 'chai';
import { startCollector } from '../support/collector.js';
import type { CollectedSpan, Collector } from '../support/collector.js';
import { deploymentBody } from '../support/deployments.js';
import { randomToken } from '../support/github/github-tokens.js';
import { runService } from '../support/http.js';
import { startTestService } from '../support/service.js';
import type { TestService } from '../support/service.js';
import { places } from '../support/token-places.js';
import { until } from '../support/until.js';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';
const traceparent = `00-${traceId}-${spanId}-01`;
const unknownId = '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f';

/** The line of a request in the log. */
function lineOf({ logs }: TestService, requestId: string) {
  return until('the log has it', () =>
    logs.find((each) => each['requestId'] === requestId && each['msg'] === 'request'),
  );
}

describe('a trace, without a collector,', () => {
  const running = runService();

  it('is named in the log as the caller sent it', async () => {
    const { service } = running;
    await service.api
      .get('/v1/deployments')
      .set('traceparent', traceparent)
      .set('X-Request-Id', 'traced')
      .expect(200);
    expect(await lineOf(service, 'traced')).to.include({ traceId, spanId });
  });

  it('is not there when none was sent, or one that is not valid', async () => {
    const { service } = running;
    await service.api.get('/v1/deployments').set('X-Request-Id', 'none').expect(200);
    await service.api
      .get('/v1/deployments')
      .set('traceparent', `ff-${traceId}-${spanId}-01`)
      .set('X-Request-Id', 'invalid')
      .expect(200);
    for (const id of ['none', 'invalid']) {
      expect(await lineOf(service, id)).not.to.have.any.keys('traceId', 'spanId');
    }
  });
});

describe('a trace, with a collector,', () => {
  let collector: Collector;
  let service: TestService;

  async function start(environment: Record<string, string> = {}): Promise<void> {
    collector = await startCollector();
    service = await startTestService({
      OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`,
      OTEL_SERVICE_NAME: 'queue-under-test',
      ...environment,
    });
  }
  let stopped: boolean;
  /** Everything that was seen: what is left is sent when the service stops. */
  async function spans(): Promise<readonly CollectedSpan[]> {
    stopped = true;
    await service.stop();
    return collector.spans;
  }
  beforeEach(() => {
    stopped = false;
  });
  afterEach(async () => {
    if (!stopped) await service.stop();
    await collector.stop();
  });

  it('goes on from the caller through the request to each call of the store', async () => {
    await start();
    const { body } = await service.api
      .post('/v1/deployments')
      .set('traceparent', traceparent)
      .set('tracestate', 'vendor=abc,other=1')
      .set('X-Request-Id', 'traced')
      .send(deploymentBody())
      .expect(201);
    expect(body).to.include({ status: 'scheduled' });
    const line = await lineOf(service, 'traced');

    const [call, request, ...more] = await spans();
    expect(more).to.deep.equal([]);
    expect(request).not.to.have.property('traceState');
    expect(request).to.deep.include({
      traceId,
      parentSpanId: spanId,
      name: 'POST /v1/deployments',
      kind: 2,
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/v1/deployments',
        'http.response.status_code': 201,
        'url.scheme': 'http',
      },
    });
    expect(call).to.deep.include({
      traceId,
      parentSpanId: request?.spanId,
      name: 'db createDeployment',
      kind: 3,
    });
    expect(call?.attributes).to.include({ 'db.operation.name': 'createDeployment' });
    expect(line).to.include({ traceId, spanId: request?.spanId });
    expect(collector.resource).to.include({ 'service.name': 'queue-under-test' });
    expect(collector.resource['service.version']).to.be.a('string');
  });

  it('holds no token, wherever a caller has put one', async () => {
    await start({ OTEL_TRACES_SAMPLER: 'always_on' });
    const token = randomToken('classic');
    for (const [, send] of places) await send(service.api, token);
    expect((await spans()).length).to.be.greaterThan(places.length);
    expect(collector.received.join('').toLowerCase()).not.to.include(token.toLowerCase());
  });

  it('begins here when the caller has none', async () => {
    await start();
    await service.api.get('/v1/deployments').set('traceparent', 'nonsense').expect(200);
    const [call, request] = await spans();
    expect(request)
      .to.include({ name: 'GET /v1/deployments' })
      .and.not.have.property('parentSpanId');
    expect(call).to.include({ traceId: request?.traceId, parentSpanId: request?.spanId });
    expect(request?.traceId).not.to.equal(traceId);
  });

  it('keeps requests apart that run at the same time', async () => {
    await start();
    const traces = Array.from({ length: 20 }, (_, index) => String(index + 1).padStart(32, 'a'));
    await Promise.all(
      traces.map((trace) =>
        service.api
          .post('/v1/deployments')
          .set('traceparent', `00-${trace}-${spanId}-01`)
          .send(deploymentBody({ version: trace }))
          .expect(201),
      ),
    );
    const seen = await spans();
    for (const trace of traces) {
      const [call, request, ...more] = seen.filter((span) => span.traceId === trace);
      expect(more).to.deep.equal([]);
      expect(call?.parentSpanId).to.equal(request?.spanId);
    }
  });

  it('tells faults of the service from refusals', async () => {
    await start();
    await service.api.get(`/v1/deployments/${unknownId}`).expect(404);
    await service.api.get('/nothing').expect(404);
    await service.api.put('/v1/deployments').expect(405);
    const seen = await spans();
    expect(seen.map(({ name }) => name)).to.deep.equal([
      'db deployment',
      'GET /v1/deployments/{id}',
      'GET',
      'PUT /v1/deployments',
    ]);
    for (const { status, attributes } of seen) {
      expect(status.code ?? 0).to.equal(0);
      expect(attributes).not.to.have.property('error.type');
    }
  });

  it('shows a store that fails as an error of the request and of the call', async () => {
    await start();
    const database = new DatabaseSync(join(service.folder, 'deployments.db'));
    database.exec('ALTER TABLE deployments RENAME TO elsewhere');
    database.close();
    await service.api.get(`/v1/deployments/${unknownId}`).expect(500);
    const [call, request] = await spans();
    expect(call).to.deep.include({ name: 'db deployment', status: { code: 2 } });
    expect(call?.attributes['error.type']).to.be.a('string').and.not.equal('');
    expect(request).to.deep.include({ status: { code: 2 } });
    expect(request?.attributes).to.include({ 'error.type': '500' });
  });

  it('is not kept when the caller does not keep it', async () => {
    await start();
    await service.api
      .get('/v1/deployments')
      .set('traceparent', `00-${traceId}-${spanId}-00`)
      .set('X-Request-Id', 'unsampled')
      .expect(200);
    expect(await lineOf(service, 'unsampled')).to.include({ traceId });
    expect(await spans()).to.deep.equal([]);
  });

  for (const [sampler, kept] of [
    ['always_on', 1],
    ['always_off', 0],
    ['traceidratio', 0],
    ['parentbased_always_off', 1],
    ['parentbased_traceidratio', 1],
  ] as const) {
    it(`is ${kept === 1 ? '' : 'not '}kept by the sampler ${sampler} when its caller keeps it`, async () => {
      await start({ OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: '0' });
      await service.api.get('/nothing').set('traceparent', traceparent).expect(404);
      expect(await spans()).to.have.length(kept);
    });
  }
});

describe('a collector that is away', () => {
  it('is told of in the log, once, and costs no request anything', async () => {
    const collector = await startCollector();
    await collector.stop();
    const service = await startTestService({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_TIMEOUT: '200',
    });
    const said = () => service.logs.filter(({ msg }) => msg === 'traces not delivered');
    await service.api.get('/v1/deployments').expect(200);
    await until('the log says so', () => said().length > 0);
    await service.api.get('/v1/deployments').expect(200);
    await service.stop();
    expect(said()).to.have.length(1);
    expect(said()[0]).to.include({ level: 40 });
  });

  it('does not keep the service from stopping when it never answers', async () => {
    const collector = await startCollector(false);
    const service = await startTestService({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    await service.api.get('/v1/deployments').expect(200);
    const told = performance.now();
    await service.stop();
    // The exporter by itself waits ten seconds.
    expect(performance.now() - told).to.be.below(9_900);
    await collector.stop();
  });
});
