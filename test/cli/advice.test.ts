import { expect } from 'chai';
import { commandLine, environmentOf } from '../support/command-line.js';
import { serverError } from '../support/faults.js';
import type { Fault } from '../support/faults.js';
import { startGateway } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';
import { runService } from '../support/http.js';
import { readCommands } from '../support/runner/commands.js';

describe('an error of deployment-queue', () => {
  const running = runService();
  let gateway: Gateway;
  beforeEach(async () => {
    gateway = await startGateway(running.service.apiUrl);
  });
  afterEach(() => gateway.stop());
  const environment = () => ({ ...environmentOf(running), DEPLOYMENT_QUEUE_URL: gateway.url });
  const run = (...argv: string[]) => commandLine(environment(), ...argv);
  const fault = (status: number): Fault => ({
    kind: 'answer',
    status,
    headers: { 'content-type': 'application/problem+json' },
    body: JSON.stringify({
      ...{ type: 'about:blank', title: 'x', status, detail: 'It broke', instance: '/v1' },
    }),
  });

  it('is shown on the page of the run in a job, in one line', async () => {
    const job = { ...environment(), GITHUB_ACTIONS: 'true' };
    const { code, stderr } = await commandLine(job, 'list', '--provider=a%0Ab');
    expect(code).to.equal(2);
    const { commands, rest } = readCommands(stderr);
    expect(rest).to.equal('');
    expect(commands).to.deep.equal([
      {
        command: 'error',
        properties: { title: 'Deployment Queue' },
        data: '--provider must be one of gcp, aws, azure; --help shows more',
      },
    ]);
  });

  it('says what to do when nobody listens', async () => {
    await gateway.stop();
    const { code, stderr } = await run('list');
    expect(code).to.equal(6);
    expect(stderr).to.match(
      /ECONNREFUSED .*; is the address right, and can it be reached from here/,
    );
  });

  for (const [what, status, says] of [
    ['the service is busy', 503, /; run this again later; --retry-timeout tries longer\n$/],
    ['the service has a fault', 500, /\(request \S+\); it is a fault of the service/],
    ['somebody else was faster', 412, /; get it again, and use the ETag that it has now\n$/],
  ] as const) {
    it(`says what to do when ${what}`, async () => {
      gateway.before.set(fault(status));
      expect((await run('list')).stderr).to.match(says);
    });
  }

  it('says what to do when a proxy is in the way', async () => {
    gateway.before.set(serverError(502));
    expect((await run('list')).stderr).to.match(/answered 502 .*--retry-timeout tries longer\n$/);
  });

  it('says where a rollout that failed can be seen', async () => {
    const { id } = await running.tenant.create(
      { deployment_uri: 'https://example.com/7' },
      'failed',
    );
    expect((await run('wait', id)).stderr).to.match(
      /is failed, .*; see https:\/\/example.com\/7\n$/,
    );
  });

  it('says that a wait can be longer', async () => {
    const { id } = await running.tenant.create();
    expect((await run('wait', id, '--timeout=50ms')).stderr).to.match(
      /; --timeout waits longer\n$/,
    );
  });
});
