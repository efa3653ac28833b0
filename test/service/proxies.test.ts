import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { authenticateAll, send } from '../support/authenticated-service.js';
import { startConnectProxy } from '../support/connect-proxy.js';
import type { ConnectProxy } from '../support/connect-proxy.js';
import { deploymentBody } from '../support/deployments.js';
import { startActionsTokens } from '../support/oidc/actions-tokens.js';
import type { ActionsTokens } from '../support/oidc/actions-tokens.js';
import { createAuthority } from '../support/private-authority.js';
import type { PrivateAuthority, TlsServer } from '../support/private-authority.js';
import { Processes } from '../support/process.js';
import { runProgram } from '../support/run-program.js';
import { Runner } from '../support/runner/action.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const commandLine = fileURLToPath(new URL('../../generated/deployment-queue.js', import.meta.url));
const client = new URL('../../src/client/client.ts', import.meta.url).href;

/** Each host is known to the proxy alone, and has a certificate of an authority that only a variable names. */
describe('behind a proxy, and with an authority of their own', () => {
  const running = authenticateAll();
  let processes: Processes;
  let authority: PrivateAuthority;
  let proxy: ConnectProxy;
  let tokens: ActionsTokens;
  let servers: TlsServer[];
  /** What a machine behind the proxy has in its environment. */
  let environment: Record<string, string>;
  let person: string;

  before(async () => {
    processes = await Processes.create();
    authority = await createAuthority(processes.folder);
    const { service, issuer, gitHub } = running.now;
    person = gitHub.addUser({ login: 'mona', memberships: { acme: 'active' } });
    tokens = await startActionsTokens(issuer);
    const { origin } = new URL(tokens.environment['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? '');
    const hosts = {
      'queue.test': service.apiUrl,
      'tokens.test': origin,
      'issuer.test': issuer.url,
      'api.test': gitHub.url,
    };
    proxy = await startConnectProxy('user:p@ss');
    servers = await Promise.all(
      Object.entries(hosts).map(async ([host, target]) => {
        const server = await authority.terminate(host, target);
        proxy.route(`${host}:443`, server.url);
        return server;
      }),
    );
    environment = {
      HTTPS_PROXY: proxy.url.replace('://', '://user:p%40ss@'),
      NODE_EXTRA_CA_CERTS: authority.file,
      DEPLOYMENT_QUEUE_URL: 'https://queue.test',
      DEPLOYMENT_QUEUE_RETRY_TIMEOUT: '1ms',
    };
  });
  beforeEach(() => {
    proxy.asked.length = 0;
  });
  after(async () => {
    await processes.dispose();
    await Promise.all([...servers.map((server) => server.stop()), proxy.stop(), tokens.stop()]);
  });

  const asAPerson = () => ({
    ...environment,
    DEPLOYMENT_QUEUE_TOKEN: person,
    DEPLOYMENT_QUEUE_ORGANISATION: 'acme',
  });
  const asAJob = () => {
    const url = tokens.environment['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? '';
    return {
      ...environment,
      ...tokens.environment,
      ACTIONS_ID_TOKEN_REQUEST_URL: url.replace(/^http:\/\/[^/]+/, 'https://tokens.test'),
    };
  };
  const list = (variables: Record<string, string>) =>
    runProgram([commandLine, 'list', '--json'], variables, processes.folder);

  it('the command line reaches the service', async () => {
    const outcome = await list(asAPerson());
    expect(outcome).to.deep.equal({ code: 0, stdout: '[]\n', stderr: '' });
    expect(proxy.asked).to.deep.equal(['queue.test:443']);
  });

  it('the client reaches the service, and GitHub for its token', async () => {
    const program = `
      import { createClient, gitHubActions } from '${client}';
      const client = createClient({ url: 'https://queue.test', credentials: gitHubActions() });
      console.log(JSON.stringify(await client.listDeployments()));`;
    const argv = ['--import', 'tsx/esm', '--input-type=module', '--eval', program];
    const outcome = await runProgram(argv, asAJob(), root);
    expect(outcome).to.deep.equal({ code: 0, stdout: '{"deployments":[]}\n', stderr: '' });
    expect(proxy.asked).to.deep.equal(['tokens.test:443', 'queue.test:443']);
  });

  it('the action reaches both', async () => {
    const runner = await Runner.start();
    try {
      const { code, log, outputs } = await runner.use({ command: 'list' }, asAJob());
      expect({ code, outputs }, log).to.deep.equal({ code: 0, outputs: {} });
      expect(proxy.asked).to.deep.equal(['tokens.test:443', 'queue.test:443']);
    } finally {
      await runner.stop();
    }
  });

  it('the service reaches GitHub and the keys of its issuer', async () => {
    const { apiUrl } = await processes.start({
      ...environment,
      GITHUB_OIDC_ISSUER: 'https://issuer.test',
      GITHUB_API_URL: 'https://api.test',
    });
    const service = { ...running.now.service, apiUrl };
    const job = running.now.issuer.sign({ iss: 'https://issuer.test' });
    const call = (headers: Record<string, string>) =>
      fetch(`${service.apiUrl}/v1/deployments`, { headers });
    expect(await call({ authorization: `Bearer ${job}` })).to.include({ status: 200 });
    const member = { authorization: `Bearer ${person}`, 'x-organisation': 'acme' };
    expect(await call(member)).to.include({ status: 200 });
    expect(new Set(proxy.asked)).to.deep.equal(new Set(['issuer.test:443', 'api.test:443']));
  });

  it('NO_PROXY names hosts that are reached without', async () => {
    const { code, stderr } = await list({ ...asAPerson(), NO_PROXY: 'example.com,.test' });
    expect(code).to.equal(6);
    expect(stderr).to.match(
      /the connection to https:\/\/queue\.test failed: (ENOTFOUND|EAI_AGAIN)/,
    );
    expect(proxy.asked).to.deep.equal([]);
  });

  it('this machine is reached without, since nobody in between is to read what goes there', async () => {
    const sender = { token: running.now.issuer.sign() };
    await send(running.now.service, sender, 'post').send(deploymentBody()).expect(201);
    const here = { ...asAPerson(), DEPLOYMENT_QUEUE_URL: running.now.service.apiUrl };
    const { code, stdout } = await list({ ...here, HTTP_PROXY: proxy.url });
    expect(code).to.equal(0);
    expect(JSON.parse(stdout)).to.have.length(1);
    expect(proxy.asked).to.deep.equal([]);
  });

  it('a proxy that refuses is told of at once, without its password', async () => {
    const proxied = { HTTPS_PROXY: proxy.url.replace('://', '://user:secret@') };
    const more = { DEPLOYMENT_QUEUE_RETRY_TIMEOUT: '1h' };
    const { code, stderr } = await list({ ...asAPerson(), ...proxied, ...more });
    expect(code).to.equal(6);
    expect(stderr).to.match(/Proxy response \(407\).*; see HTTPS_PROXY and NO_PROXY\n$/);
    expect(stderr).not.to.include('secret');
  });

  it('a proxy that is no URL is told of, without showing it', async () => {
    const { code, stderr } = await list({ ...asAPerson(), HTTPS_PROXY: 'secret' });
    expect(code).to.equal(2);
    expect(stderr).to.match(/^deployment-queue: HTTPS_PROXY must be the http or https URL/);
    expect(stderr).not.to.include('secret');
  });

  it('an authority that is not named is not trusted, and the error says how to', async () => {
    const { code, stderr } = await list({ ...asAPerson(), NODE_EXTRA_CA_CERTS: '' });
    expect(code).to.equal(6);
    expect(stderr)
      .to.match(/CERT|ISSUER|SIGNATURE/)
      .and.match(/; NODE_EXTRA_CA_CERTS names a file/);
  });
});
