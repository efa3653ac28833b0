import { expect } from 'chai';
import { startGitHubApi } from '../support/github/github-api.js';
import type { GitHubApi } from '../support/github/github-api.js';

describe("the double of GitHub's web flow", () => {
  const app = {
    clientId: 'Ov23liDouble',
    clientSecret: 'of the double',
    callbackUrl: 'https://queue.example.com/session',
  };
  /** Of RFC 7636, appendix B. */
  const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
  const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
  let gitHub: GitHubApi;
  before(async () => {
    gitHub = await startGitHubApi({ app });
  });
  after(() => gitHub.stop());

  const authorize = async (query: Record<string, string>) => {
    const search = new URLSearchParams({ client_id: app.clientId, state: 's', ...query });
    const response = await fetch(`${gitHub.url}/login/oauth/authorize?${search.toString()}`, {
      redirect: 'manual',
    });
    const location = response.headers.get('location');
    return { status: response.status, to: location === null ? undefined : new URL(location) };
  };
  const newCode = async (query: Record<string, string> = {}) => {
    const { to } = await authorize(query);
    return to?.searchParams.get('code') ?? '';
  };
  const exchange = (fields: Record<string, string>, accept = 'application/json') =>
    fetch(`${gitHub.url}/login/oauth/access_token`, {
      method: 'POST',
      headers: { accept },
      body: new URLSearchParams({
        client_id: app.clientId,
        client_secret: app.clientSecret,
        ...fields,
      }),
    });
  const errorOf = async (fields: Record<string, string>) => {
    const response = await exchange(fields);
    expect(response.status).to.equal(200);
    return ((await response.json()) as { error?: string }).error;
  };

  it('responds with a form unless JSON is asked for', async () => {
    const response = await exchange({ code: await newCode({ scope: 'read:org' }) }, '*/*');
    expect(response.headers.get('content-type')).to.include('application/x-www-form-urlencoded');
    const form = new URLSearchParams(await response.text());
    expect(form.get('access_token')).to.match(/^gho_/);
    expect(form.get('token_type')).to.equal('bearer');
  });

  it('takes a code once, with the verifier of its challenge', async () => {
    const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
    const code = await newCode(pkce);
    expect(await errorOf({ code, code_verifier: verifier })).to.equal(undefined);
    expect(await errorOf({ code, code_verifier: verifier })).to.equal('bad_verification_code');
    const other = await newCode(pkce);
    expect(await errorOf({ code: other })).to.equal('bad_verification_code');
  });

  it('takes no other challenge than S256', async () => {
    const plain = { code_challenge: verifier, code_challenge_method: 'plain' };
    expect((await authorize(plain)).status).to.equal(400);
    expect((await authorize({ code_challenge: challenge })).status).to.equal(400);
  });

  it('says 200 to what it refuses, and 404 to an app that it does not know', async () => {
    const code = await newCode();
    expect(await errorOf({ code, client_secret: 'x' })).to.equal('incorrect_client_credentials');
    expect(await errorOf({ code, redirect_uri: 'https://x.example' })).to.equal(
      'redirect_uri_mismatch',
    );
    expect((await exchange({ code, client_id: 'x' })).status).to.equal(404);
  });

  it('sends back to the callback or below it alone', async () => {
    const below = await authorize({ redirect_uri: `${app.callbackUrl}/callback` });
    expect(below.to?.pathname).to.equal('/session/callback');
    const elsewhere = await authorize({ redirect_uri: 'https://evil.example/session' });
    expect(elsewhere.to?.host).to.equal('queue.example.com');
    expect(elsewhere.to?.searchParams.get('error')).to.equal('redirect_uri_mismatch');
    expect(elsewhere.to?.searchParams.get('state')).to.equal('s');
  });

  it('revokes a token of the app for the app', async () => {
    const response = await exchange({ code: await newCode() });
    const { access_token: token } = (await response.json()) as { access_token: string };
    const revoke = (secret: string) =>
      fetch(`${gitHub.url}/applications/${app.clientId}/token`, {
        method: 'DELETE',
        headers: {
          authorization: `Basic ${Buffer.from(`${app.clientId}:${secret}`).toString('base64')}`,
          'user-agent': 'test',
        },
        body: JSON.stringify({ access_token: token }),
      });
    expect((await revoke('x')).status).to.equal(401);
    expect((await revoke(app.clientSecret)).status).to.equal(204);
    expect((await revoke(app.clientSecret)).status).to.equal(422);
  });
});
