import { expect } from 'chai';
import {
  createClient,
  CredentialsUnavailable,
  gitHubActions,
  gitHubToken,
  noCredentials,
  UnexpectedResponse,
} from '../../src/client/client.js';
import { rejection } from '../support/client.js';
import { listenOnLoopback } from '../support/loopback-server.js';

const elsewhere = [
  'http://queue.example.com',
  'http://queue.example.com:8000/path/',
  'HTTP://QUEUE.EXAMPLE.COM',
  'http://10.0.0.1',
  'http://0.0.0.0:8000',
  'http://[::]:8000',
  'http://[fe80::1]',
  'http://localhost.example.com',
  'http://127.0.0.1.example.com',
];
const fine = [
  'https://queue.example.com',
  'http://localhost:8000',
  'http://LOCALHOST',
  'http://127.0.0.1:8000',
  'http://127.1',
  'http://0x7f.0.0.1',
  'http://2130706433',
  'http://[::1]:8000',
  'http://[0:0:0:0:0:0:0:1]',
];

describe('plain http to another machine', () => {
  for (const url of elsewhere) {
    it(`is refused before anything is sent: ${url}`, () => {
      for (const credentials of [gitHubToken('ghp_x', 'acme'), noCredentials()]) {
        expect(() => createClient({ url, credentials })).to.throw(
          TypeError,
          /^url must be https, .* only with allowInsecureHttp /,
        );
        expect(() => createClient({ url, credentials, allowInsecureHttp: true })).not.to.throw();
      }
    });

    it(`is refused for the job's token as well: ${url}`, () => {
      const environment = {
        ACTIONS_ID_TOKEN_REQUEST_URL: `${url}?api-version=2.0`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x',
      };
      expect(() => gitHubActions({ environment })).to.throw(
        CredentialsUnavailable,
        /^ACTIONS_ID_TOKEN_REQUEST_URL must be https/,
      );
      expect(() => gitHubActions({ environment, allowInsecureHttp: true })).not.to.throw();
    });
  }

  for (const url of fine) {
    it(`is not what ${url} is`, () => {
      const credentials = gitHubToken('ghp_x', 'acme');
      expect(() => createClient({ url, credentials })).not.to.throw();
    });
  }

  it('is not where a call goes, whatever it is about', async () => {
    const asked: string[] = [];
    const client = createClient({
      url: 'https://queue.example.com//evil.example',
      credentials: gitHubToken('ghp_x', 'acme'),
      retry: { attempts: 1 },
      fetch: (url) => {
        asked.push(new URL(url instanceof Request ? url.url : url).origin);
        return Promise.resolve(new Response(null, { status: 502 }));
      },
    });
    for (const id of [
      '//evil.example',
      'http://evil.example',
      '@evil.example',
      '\\\\evil.example',
    ]) {
      await rejection(client.getDeployment(id), UnexpectedResponse);
      await rejection(client.listDeployments({ cursor: id }), UnexpectedResponse);
    }
    expect(new Set(asked)).to.deep.equal(new Set(['https://queue.example.com']));
  });

  it('is not where a redirect takes a token', async () => {
    const heard: (string | undefined)[] = [];
    const other = await listenOnLoopback((request, response) => {
      heard.push(request.headers.authorization);
      response.writeHead(200).end();
    });
    const redirecting = await listenOnLoopback((_request, response) => {
      response.writeHead(307, { location: other.url }).end();
    });
    try {
      const service = { url: redirecting.url, credentials: gitHubToken('ghp_x', 'acme') };
      await rejection(createClient(service).listDeployments(), UnexpectedResponse);
      const environment = {
        ACTIONS_ID_TOKEN_REQUEST_URL: redirecting.url,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x',
      };
      const job = { url: other.url, credentials: gitHubActions({ environment }) };
      await rejection(createClient(job).listDeployments(), CredentialsUnavailable);
      expect(heard).to.deep.equal([]);
    } finally {
      await Promise.all([other.stop(), redirecting.stop()]);
    }
  });
});
