import { expect } from 'chai';
import { startCollector } from '../support/collector.js';
import { Processes } from '../support/process.js';

/** Writes the address of every module that is loaded to the error output. */
const hooks = `
  import { writeSync } from 'node:fs';
  export async function load(url, context, next) {
    writeSync(2, url + '\\n');
    return next(url, context);
  }`;
const module = (source: string) => `data:text/javascript,${encodeURIComponent(source)}`;
const probe = module(`
  import { register } from 'node:module';
  register(${JSON.stringify(module(hooks))});`);

describe('OpenTelemetry', () => {
  let processes: Processes;
  beforeEach(async () => {
    processes = await Processes.create();
  });
  afterEach(() => processes.dispose());

  /** The modules that a service loads until it has answered a request and stopped. */
  async function loaded(environment: Record<string, string>): Promise<string[]> {
    const service = await processes.start({
      AUTH_ENABLED: 'false',
      NODE_OPTIONS: `--import=${probe}`,
      ...environment,
    });
    await (await fetch(`${service.apiUrl}/v1/deployments`)).text();
    service.signal('SIGTERM');
    const { code, stderr } = await service.ended;
    expect(code).to.equal(0);
    return stderr.split('\n');
  }
  const ofOpenTelemetry = (urls: string[]) => urls.filter((url) => url.includes('opentelemetry'));

  it('is not loaded without a collector', async () => {
    const urls = await loaded({});
    expect(urls.filter((url) => url.endsWith('/.compiled/service.js'))).to.have.length(1);
    expect(urls.filter((url) => url.includes('/node_modules/express/'))).not.to.be.empty;
    expect(ofOpenTelemetry(urls)).to.deep.equal([]);
  });

  it('is loaded with one, and has sent everything when the process has stopped', async () => {
    const collector = await startCollector();
    try {
      const urls = await loaded({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
      expect(ofOpenTelemetry(urls)).not.to.be.empty;
      expect(collector.spans.map(({ name }) => name)).to.deep.equal([
        'db deployments',
        'GET /v1/deployments',
      ]);
    } finally {
      await collector.stop();
    }
  });
});
