import { expect } from 'chai';
import supertest from 'supertest';
import type { Response } from 'supertest';
import { loadContract } from '../../src/contract/contract.js';
import { expectProblem } from '../support/http.js';
import { logLines, Processes } from '../support/process.js';
import type { ServiceProcess } from '../support/process.js';

describe('authentication, which is on unless it is turned off,', () => {
  let processes: Processes;
  let service: ServiceProcess;

  before(async () => {
    processes = await Processes.create();
    service = await processes.start({
      GITHUB_API_URL: 'http://127.0.0.1:9',
      GITHUB_OIDC_ISSUER: 'http://127.0.0.1:9',
    });
  });
  after(() => processes.dispose());

  function expectRefused(response: Response): void {
    expectProblem(response, 401, 'unauthenticated');
    expect(response.headers['www-authenticate']).to.equal('Bearer');
  }

  for (const { operationId, method, path } of loadContract().operations) {
    it(`lets nobody at ${operationId} without a token, or with one that it cannot check`, async () => {
      const name = method.toLowerCase() as 'get' | 'post' | 'patch';
      const target = path.replace('{id}', '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f');
      const api = supertest(service.apiUrl);
      expectRefused(await api[name](target));
      const unchecked = await api[name](target)
        .set('Authorization', 'Bearer token')
        .set('X-Organisation', 'acme');
      expectProblem(
        unchecked,
        503,
        'unavailable',
        'GitHub is out of reach; try again in 5 seconds',
      );
      expect(unchecked.headers['retry-after']).to.equal('5');
    });
  }

  const paths = ['/v1', '/v1/', '/v1/nothing', '/v1/deployments/', '/v1/deployments/%zz', '/v1//'];
  for (const path of paths) {
    it(`refuses ${path} before it says whether there is such a path`, async () => {
      expectRefused(await supertest(service.apiUrl).get(path));
    });
  }

  it('refuses before it looks at method, query, headers or body', async () => {
    const api = supertest(service.apiUrl);
    expectRefused(await api.delete('/v1/deployments'));
    expectRefused(await api.options('/v1/deployments'));
    expectRefused(await api.get('/v1/deployments?limit=x&foo=1'));
    expectRefused(await api.get('/v1/deployments').set('X-Organisation', 'not a login'));
    const post = (type: string) => api.post('/v1/deployments').set('Content-Type', type);
    expectRefused(await post('application/json').send('{'));
    expectRefused(await post('text/plain').send('text'));
    expectRefused(await post('application/json').send(`"${'x'.repeat(200_000)}"`));
    const head = await api.head('/v1/deployments').expect(401);
    expect(head.headers['www-authenticate']).to.equal('Bearer');
  });

  it('does not let other spellings of a path through', async () => {
    for (const path of ['/V1/deployments', '//v1/deployments', '/%761/deployments', '/./v1/x']) {
      const response = await fetch(`${service.apiUrl}${path}`);
      expect(response.status, path).to.be.oneOf([401, 404]);
    }
  });

  it('lets everyone read the contract', async () => {
    const api = supertest(service.apiUrl);
    const yaml = await api.get('/openapi.yaml').expect(200);
    expect(yaml.headers['content-type']).to.match(/^application\/yaml/);
    const json = await api.get('/openapi.json').expect(200);
    expect(json.body.openapi).to.equal('3.1.0');
  });

  describe('with the audience that all installations have', () => {
    const warnings = ({ lines }: ServiceProcess) =>
      logLines(lines.join('\n')).filter(({ setting }) => setting === 'GITHUB_OIDC_AUDIENCE');

    it('warns at the start that tokens for others are good here, and which setting to change', () => {
      const [warning, ...more] = warnings(service);
      expect(more).to.be.empty;
      expect(warning).to.include({ level: 40 });
      expect(warning?.['msg']).to.match(/token .* for another installation is good here/);
    });

    it('warns no more once there is one of its own, nor while authentication is off', async () => {
      for (const [name, value] of [
        ['GITHUB_OIDC_AUDIENCE', 'https://queue.example.com'],
        ['AUTH_ENABLED', 'false'],
      ] as const) {
        const other = await processes.start({ [name]: value });
        expect(warnings(other), name).to.be.empty;
        other.signal('SIGTERM');
        await other.ended;
      }
    });
  });
});
