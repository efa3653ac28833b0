import { inspect } from 'node:util';
import { expect } from 'chai';
import {
  ClientError,
  createClient,
  CredentialsUnavailable,
  gitHubActions,
  gitHubToken,
  noCredentials,
  ProblemError,
} from '../../src/client/client.js';
import type { Credentials, RetryOptions } from '../../src/client/client.js';
import { authenticateEach, send } from '../support/authenticated-service.js';
import { rejection } from '../support/client.js';
import { deploymentBody } from '../support/deployments.js';
import { json, notJson, reset, serverError, slow, truncated } from '../support/faults.js';
import type { Fault } from '../support/faults.js';
import { epochSeconds } from '../support/oidc/actions-claims.js';
import { startActionsTokens } from '../support/oidc/actions-tokens.js';
import type { ActionsTokens } from '../support/oidc/actions-tokens.js';
import { timeTravel } from '../support/time-travel.js';

/** 200 with nothing in it. */
const answer = { kind: 'answer', status: 200, body: '' } as const;

describe('the credentials of the client', () => {
  const travel = timeTravel();
  const running = authenticateEach();
  let started: ActionsTokens | undefined;
  beforeEach(async () => {
    started = await startActionsTokens(running.now.issuer);
  });
  afterEach(() => started?.stop());
  const tokens = (): ActionsTokens => {
    if (started === undefined) throw new Error('There are no tokens outside of a test');
    return started;
  };

  const clientWith = (credentials: Credentials, retry: Partial<RetryOptions> = {}) =>
    createClient({
      url: running.now.service.apiUrl,
      credentials,
      retry: { minDelayMs: 1, maxDelayMs: 5, ...retry },
    });
  const addOctocat = () =>
    running.now.gitHub.addUser({ login: 'octocat', memberships: { acme: 'active' } });
  const inActions = (audience?: string) =>
    gitHubActions({ environment: tokens().environment, audience });

  it("are a person's token and organisation", async () => {
    const token = addOctocat();
    const client = clientWith(gitHubToken(token, 'Acme'));
    const { deployment } = await client.createDeployment(deploymentBody());
    expect(deployment).to.include({ organisation: 'acme', created_by_actor: 'octocat' });
  });

  it('are none for a service that wants none, and 401 elsewhere, tried once', async () => {
    const error = await rejection(
      clientWith(noCredentials('acme')).listDeployments(),
      ProblemError,
    );
    expect(error.type).to.equal('urn:problem-type:deployment-queue:unauthenticated');
  });

  describe('in a job of GitHub Actions', () => {
    it("are the job's OIDC token for the service's audience", async () => {
      const client = clientWith(inActions());
      const { deployment } = await client.createDeployment(deploymentBody());
      expect(deployment).to.include({
        organisation: 'acme',
        created_by_repo: 'acme/shop',
        created_by_workflow: 'deploy',
        created_by_actor: 'octocat',
      });
    });

    it('are a token for another audience when that is asked for', async () => {
      const error = await rejection(clientWith(inActions('other')).listDeployments(), ProblemError);
      expect(error.message).to.match(/audience/);
    });

    it('are found in the environment of the process', async () => {
      const before = { ...process.env };
      Object.assign(process.env, tokens().environment);
      try {
        await clientWith(gitHubActions()).listDeployments();
      } finally {
        for (const name of Object.keys(tokens().environment)) {
          if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
          else process.env[name] = before[name];
        }
      }
      expect(tokens().given).to.have.length(1);
    });

    it('share one fetch of the token among calls at once, and keep it', async () => {
      tokens().faults.set(slow(20), { times: 1 });
      const client = clientWith(inActions());
      await Promise.all(Array.from({ length: 10 }, () => client.listDeployments()));
      await client.listDeployments();
      expect(tokens().given).to.have.length(1);
    });

    it('are renewed half a minute before the token expires', async () => {
      const client = clientWith(inActions());
      await client.listDeployments();
      await travel(268_000);
      await client.listDeployments();
      expect(tokens().given).to.have.length(1);
      await travel(3_000);
      await client.listDeployments();
      expect(tokens().given).to.have.length(2);
    });

    it('are renewed when half of a shorter life is over', async () => {
      tokens().claims = { exp: epochSeconds() + 40 };
      const client = clientWith(inActions());
      await client.listDeployments();
      await travel(15_000);
      await client.listDeployments();
      expect(tokens().given).to.have.length(1);
      await travel(6_000);
      await client.listDeployments();
      expect(tokens().given).to.have.length(2);
    });

    it('are fetched for each call when the token does not say when it expires', async () => {
      const value = running.now.issuer.sign({ exp: undefined });
      tokens().faults.set(json({ value }), { times: 1 });
      const credentials = inActions();
      expect(await credentials.headers()).to.deep.equal({ Authorization: `Bearer ${value}` });
      await credentials.headers();
      expect(tokens().given).to.have.length(1);
    });

    it('are renewed when the service refuses the token, once for all calls together', async () => {
      const value = running.now.issuer.sign({ aud: 'other' });
      tokens().faults.set(json({ value }), { times: 1 });
      const client = clientWith(inActions());
      await Promise.all(Array.from({ length: 5 }, () => client.listDeployments()));
      expect(tokens().given).to.have.length(1);
    });

    it('are asked for once more, and no more, when the service refuses them again', async () => {
      tokens().claims = { aud: 'other' };
      const error = await rejection(clientWith(inActions()).listDeployments(), ProblemError);
      expect(error.status).to.equal(401);
      expect(tokens().given).to.have.length(2);
    });

    const moments: [string, Fault][] = [
      ['is not available', serverError(503)],
      ['has a fault', serverError(500)],
      ['has waited for the request', { ...answer, status: 408 }],
      ['limits the rate', { ...answer, status: 429 }],
      ['responds with a page', { ...answer, headers: { 'content-type': 'text/html' } }],
      ['responds with nothing', answer],
      ['responds with what is no JSON', notJson()],
      ['responds with half of it', truncated()],
      ['responds without a token', json({ count: 0 })],
      ['responds with an empty token', json({ value: '' })],
      ['cuts the connection', reset()],
    ];
    for (const [what, fault] of moments) {
      it(`are asked for again when the endpoint ${what} for a moment`, async () => {
        tokens().faults.set(fault, { times: 2 });
        await clientWith(inActions()).listDeployments();
        expect(tokens().given).to.have.length(1);
      });

      it(`are asked for as long as a call may take when the endpoint ${what}`, async () => {
        tokens().faults.set(fault);
        const once = clientWith(inActions(), { timeoutMs: 0 });
        const error = await rejection(once.listDeployments(), CredentialsUnavailable);
        expect(error).to.include({ retryable: true });
        expect(error.message).to.equal("GitHub Actions did not give the job's OIDC token");
        expect(error.cause).to.be.instanceOf(ClientError);
      });
    }

    it('do not end a wait when the endpoint is out of order in its middle', async () => {
      const client = clientWith(inActions(), { attempts: 2 });
      const { deployment } = await client.createDeployment(deploymentBody());
      const path = `/v1/deployments/${deployment.id}`;
      const deploy = async () => {
        const sender = { token: running.now.issuer.sign() };
        await send(running.now.service, sender, 'patch', path).send({ status: 'deployed' });
      };
      await client.waitFor(deployment.id, ['deployed'], {
        intervalMs: 5,
        onChange: ({ status }) => {
          if (status !== 'scheduled') return;
          for (const fault of [serverError(500), reset(), answer]) {
            tokens().faults.set(fault, { times: 3 });
          }
          // The next look needs another token.
          void travel(300_000).then(deploy);
        },
      });
      expect(tokens().given).to.have.length(2);
    });

    it('let one call give up without taking the token from another', async () => {
      tokens().faults.set(slow(100), { times: 1 });
      const client = clientWith(inActions());
      const controller = new AbortController();
      const reason = new Error('enough');
      const aborted = client.listDeployments({}, { signal: controller.signal });
      const other = client.listDeployments();
      controller.abort(reason);
      expect(await rejection(aborted, Error)).to.equal(reason);
      await other;
      expect(tokens().given).to.have.length(1);
    });

    it('are not available when the endpoint gives a token that is none', async () => {
      tokens().faults.set(json({ value: 'two\nlines' }));
      const call = clientWith(inActions()).listDeployments();
      expect(await rejection(call, CredentialsUnavailable)).to.include({ retryable: false });
    });

    it('are not available when the endpoint refuses', async () => {
      const environment = { ...tokens().environment, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'wrong' };
      const client = clientWith(gitHubActions({ environment }));
      const error = await rejection(client.listDeployments(), CredentialsUnavailable);
      expect(error).to.include({ retryable: false });
      expect(error.message).to.equal("GitHub Actions did not give the job's OIDC token");
      expect(error.cause).to.be.instanceOf(ClientError);
    });
  });

  it('say what is missing in a job without permission to ask for a token', () => {
    expect(() => gitHubActions({ environment: { GITHUB_ACTIONS: 'true' } })).to.throw(
      CredentialsUnavailable,
      /^This job may not ask for an OIDC token: give it `permissions: id-token: write`/,
    );
  });

  it('say that there is no such token outside of GitHub Actions', () => {
    expect(() => gitHubActions({ environment: {} })).to.throw(
      CredentialsUnavailable,
      /outside of GitHub Actions.*use a GitHub token$/,
    );
  });

  it('refuse what cannot be sent, without showing it', () => {
    const wrong: [() => unknown, RegExp][] = [
      [() => gitHubToken('', 'acme'), /^The GitHub token is empty$/],
      [() => gitHubToken('ghp_secret\n', 'acme'), /^The GitHub token holds a space, a line break/],
      [() => gitHubToken('ghp_x', ''), /^The organisation must be a GitHub organisation's login/],
      [() => noCredentials('ac me'), /^The organisation must be/],
      [
        () =>
          gitHubActions({
            environment: {
              ACTIONS_ID_TOKEN_REQUEST_URL: 'secret',
              ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x',
            },
          }),
        /is not a URL/,
      ],
      [
        () =>
          gitHubActions({
            environment: {
              ACTIONS_ID_TOKEN_REQUEST_URL: 'http://127.0.0.1',
              ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'secret\n',
            },
          }),
        /is not a token/,
      ],
    ];
    for (const [make, message] of wrong) {
      expect(make).to.throw(CredentialsUnavailable, message);
      expect(make).not.to.throw(/secret/);
    }
  });

  it('refuse a header of credentials of its own making, without showing it', async () => {
    const credentials = { headers: () => Promise.resolve({ Authorization: 'Bearer secret\n' }) };
    const error = await rejection(
      clientWith(credentials).listDeployments(),
      CredentialsUnavailable,
    );
    expect(inspect(error, { depth: 9 })).not.to.contain('secret');
  });

  it('are in no error, however deep one looks', async () => {
    const { environment } = tokens();
    const token = addOctocat();
    const dead = createClient({
      url: 'http://127.0.0.1:1',
      credentials: gitHubToken(token, 'acme'),
      retry: { attempts: 1 },
    });
    const stranger = clientWith(gitHubToken(token, 'stranger'));
    const job = clientWith(inActions());
    tokens().claims = { aud: 'other' };
    const errors = [
      await rejection(dead.listDeployments(), ClientError),
      await rejection(stranger.listDeployments(), ClientError),
      await rejection(job.listDeployments(), ClientError),
    ];
    tokens().faults.set(serverError(500));
    const once = clientWith(inActions(), { attempts: 1 });
    errors.push(await rejection(once.listDeployments(), ClientError));
    const secrets = [token, environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? '', ...tokens().given];
    for (const error of errors) {
      const shown = inspect(error, { depth: 9, showHidden: true });
      for (const secret of secrets) expect(shown).not.to.contain(secret);
    }
  });
});
