import { expect } from 'chai';
import { createKeyLookup } from '../../src/auth/oidc/keys.js';
import { createLogger } from '../../src/platform/logging.js';
import { errorOf } from '../support/error-of.js';
import { letGo } from '../support/let-go.js';
import { startOidcIssuer } from '../support/oidc/oidc-issuer.js';
import type { OidcIssuer } from '../support/oidc/oidc-issuer.js';
import { timeTravel } from '../support/time-travel.js';

describe('what is remembered of a flood of kids', () => {
  const wait = timeTravel();
  let issuer: OidcIssuer;

  before(async () => {
    issuer = await startOidcIssuer();
  });
  after(() => issuer.stop());

  it('is bounded, however many they are and however long', async function () {
    this.timeout(60_000);
    const keys = createKeyLookup(issuer.jwksUrl, 3_600, createLogger('silent'));
    const input = { payload: '', signature: '' };
    const look = (kid: string) => errorOf(Promise.resolve(keys.find({ alg: 'RS256', kid }, input)));
    // As long as the headers of a request may be.
    const padding = 'x'.repeat(14_000);
    await look('first');
    await letGo();
    const before = process.memoryUsage().heapUsed;
    for (let index = 0; index < 25_000; index += 1) await look(`${index} ${padding}`);
    await letGo();
    // All of them would be 350 MB; ten thousand of them 140 MB.
    expect((process.memoryUsage().heapUsed - before) / 2 ** 20).to.be.below(60);
    expect(issuer.fetches).to.equal(2);

    // The latest are still known to have been asked for.
    await wait(5_000);
    expect(await look('last')).to.have.property('code', 'ERR_JWKS_NO_MATCHING_KEY');
    expect(await look(`24999 ${padding}`)).to.have.property('code', 'ERR_JWKS_NO_MATCHING_KEY');
    expect(await look(`0 ${padding}`)).to.have.property('code', 'unavailable');
    expect(issuer.fetches).to.equal(3);
  });
});
