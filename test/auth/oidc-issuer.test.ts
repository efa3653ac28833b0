import { expect } from 'chai';
import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyOptions } from 'jose';
import { epochSeconds } from '../support/oidc/actions-claims.js';
import { errorOf } from '../support/error-of.js';
import {
  huge,
  json,
  notJson,
  redirect,
  reset,
  serverError,
  slow,
  truncated,
  type Fault,
} from '../support/faults.js';
import { hugeToken } from '../support/oidc/hostile-shapes.js';
import { hostileTokens } from '../support/oidc/hostile-tokens.js';
import { startAttacker, startOidcIssuer, type OidcIssuer } from '../support/oidc/oidc-issuer.js';

describe('the local OIDC issuer', () => {
  let issuer: OidcIssuer;
  let attacker: OidcIssuer;

  beforeEach(async () => {
    [issuer, attacker] = await Promise.all([startOidcIssuer(), startAttacker()]);
  });

  afterEach(() => Promise.all([issuer.stop(), attacker.stop()]));

  const keysOf = (of: OidcIssuer, timeoutDuration = 1000) =>
    createRemoteJWKSet(new URL(of.jwksUrl), { timeoutDuration });

  /** Everything that jose can be told about these tokens. */
  const strict = (): JWTVerifyOptions => ({
    algorithms: ['RS256'],
    issuer: issuer.url,
    audience: 'deployment-queue-api',
    clockTolerance: 60,
    maxTokenAge: 900,
    requiredClaims: ['exp', 'iat', 'repository_owner'],
  });

  it('signs a token that a verifier which fetches its keys accepts', async () => {
    const { payload, protectedHeader } = await jwtVerify(issuer.sign(), keysOf(issuer), strict());
    expect(protectedHeader).to.include({ alg: 'RS256', typ: 'JWT', kid: issuer.kid });
    expect(payload).to.include({
      iss: issuer.url,
      repository: 'acme/shop',
      repository_owner: 'acme',
      actor: 'octocat',
    });
    expect(payload.sub).to.equal('repo:acme/shop:ref:refs/heads/main');
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).to.equal(300);
    expect(issuer.fetches).to.equal(1);
  });

  it('adds, replaces and leaves out claims', async () => {
    const token = issuer.sign({
      environment: 'production',
      repository_owner: 'Globex',
      ref: undefined,
    });
    const { payload } = await jwtVerify(token, keysOf(issuer));
    expect(payload).to.include({ environment: 'production', repository_owner: 'Globex' });
    expect(payload).not.to.have.property('ref');
  });

  it('describes itself where OpenID Connect looks for it', async () => {
    const response = await fetch(`${issuer.url}/.well-known/openid-configuration`);
    const body: unknown = await response.json();
    expect(body).to.include({ issuer: issuer.url, jwks_uri: issuer.jwksUrl });
    expect(issuer.fetches, 'not a fetch of keys').to.equal(0);
  });

  it('can have a path in its address, like the issuer of an enterprise', async () => {
    const enterprise = await startOidcIssuer({ basePath: '/octocat-inc' });
    const { payload } = await jwtVerify(enterprise.sign(), keysOf(enterprise));
    expect(payload.iss).to.match(/^http:\/\/127\.0\.0\.1:\d+\/octocat-inc$/);
    await enterprise.stop();
  });

  it('publishes no private key', async () => {
    const body = await (await fetch(issuer.jwksUrl)).text();
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi'])
      expect(body).not.to.contain(`"${secret}":`);
  });

  it('keeps former keys published after a rotation', async () => {
    const before = issuer.sign();
    const formerKid = issuer.kid;
    await issuer.rotate();
    expect(issuer.kid).not.to.equal(formerKid);
    const keys = keysOf(issuer);
    await jwtVerify(before, keys);
    await jwtVerify(issuer.sign(), keys);
  });

  it('drops former keys when a rotation retires them', async () => {
    const before = issuer.sign();
    await issuer.rotate({ retire: true });
    expect(await codeOf(jwtVerify(before, keysOf(issuer)))).to.equal('ERR_JWKS_NO_MATCHING_KEY');
    await jwtVerify(issuer.sign(), keysOf(issuer));
  });

  it('refuses connections while stopped and comes back on the same port with the same keys', async () => {
    const token = issuer.sign();
    await issuer.stop();
    const refused = await errorOf(fetch(issuer.jwksUrl));
    expect(refused).to.have.nested.property('cause.code', 'ECONNREFUSED');
    await issuer.restart();
    await jwtVerify(token, keysOf(issuer));
  });

  const brokenResponses: [string, () => Fault][] = [
    ['a server error', () => serverError()],
    ['a body that is cut off', () => truncated()],
    ['a body that is not JSON', () => notJson()],
    ['no keys at all', () => json({ keys: [] })],
    ['keys that are not a list', () => json({ keys: 'none today' })],
    ['a redirect to the attacker', () => redirect(attacker.jwksUrl, 302)],
    ['a connection reset', () => reset()],
  ];

  for (const [name, fault] of brokenResponses) {
    it(`can answer with ${name}, once, and is well afterwards`, async () => {
      issuer.faults.set(fault(), { times: 1 });
      expect(await errorOf(jwtVerify(issuer.sign(), keysOf(issuer)))).to.be.instanceOf(Error);
      await jwtVerify(issuer.sign(), keysOf(issuer));
      expect(issuer.fetches).to.equal(2);
      expect(attacker.fetches).to.equal(0);
    });
  }

  it('can be slower than a verifier waits', async () => {
    issuer.faults.set(slow(200));
    expect(await codeOf(jwtVerify(issuer.sign(), keysOf(issuer, 50)))).to.equal('ERR_JWKS_TIMEOUT');
    issuer.faults.clear();
    await jwtVerify(issuer.sign(), keysOf(issuer, 50));
  });

  it('can answer with a body of many megabytes', async () => {
    issuer.faults.set(huge(5_000_000));
    const body = await (await fetch(issuer.jwksUrl)).text();
    expect(body).to.have.length(5_000_000);
    expect(JSON.parse(body)).to.have.property('keys').that.is.empty;
  });

  it('stops sending a huge body when the reader gives up', async () => {
    issuer.faults.set(huge(5_000_000_000));
    const giveUp = new AbortController();
    const response = await fetch(issuer.jwksUrl, { signal: giveUp.signal });
    expect(response.status).to.equal(200);
    giveUp.abort();
    await issuer.stop();
  });

  it('produces hostile tokens that jose refuses, except those that are marked', async () => {
    const keys = keysOf(issuer);
    const tokens = await hostileTokens(issuer, attacker);
    const accepted: string[] = [];
    for (const { name, token } of tokens) {
      await jwtVerify(token, keys, strict()).then(
        () => accepted.push(name),
        () => undefined,
      );
    }
    expect(accepted).to.deep.equal(
      tokens.filter((hostile) => hostile.needsOwnCheck).map((hostile) => hostile.name),
    );
    expect(tokens).to.have.length.above(80);
    expect(new Set(tokens.map((hostile) => hostile.name))).to.have.property('size', tokens.length);
    expect(attacker.fetches, 'requests that reached the attacker').to.equal(0);
  });

  it('produces hostile tokens that fit into the header of a request', async () => {
    for (const { name, token } of await hostileTokens(issuer, attacker))
      expect(token.length, name).to.be.below(15_000);
    expect(hugeToken(issuer, 100_000)).to.have.length(100_000);
  });

  it('signs tokens that differ even within the same second', () => {
    const now = epochSeconds();
    expect(issuer.sign({ iat: now })).not.to.equal(issuer.sign({ iat: now }));
  });
});

async function codeOf(attempt: Promise<unknown>): Promise<string | undefined> {
  const error = await errorOf(attempt);
  return error instanceof errors.JOSEError ? error.code : undefined;
}
