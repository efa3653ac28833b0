import { expect } from 'chai';
import {
  containsToken,
  isInstallationToken,
  looksLikeGitHubToken,
  looksLikeJwt,
} from '../../src/platform/token-formats.js';
import { base64url } from '../support/oidc/jws.js';
import {
  PREFIXES,
  randomStatelessInstallationToken,
  randomToken,
} from '../support/github/github-tokens.js';

describe('what looks like a token', () => {
  const kinds = Object.keys(PREFIXES) as (keyof typeof PREFIXES)[];
  const tokens = [
    ...kinds.map((kind) => randomToken(kind)),
    randomStatelessInstallationToken(),
    base64url({ alg: 'none' }),
  ];
  for (const token of tokens) {
    it(`is ${token.slice(0, 11)}…, alone or within something`, () => {
      expect(containsToken(token)).to.be.true;
      expect(containsToken(`run-${token}`)).to.be.true;
    });
  }

  it('is one that was made lower case, once its secret part begins', () => {
    for (const kind of kinds) expect(containsToken(randomToken(kind).toLowerCase())).to.be.true;
    const jwt = `${base64url({ alg: 'RS256', kid: 'key' })}.${base64url({ sub: 'x' })}.c2lnbmF0dXJl`;
    expect(containsToken(jwt.toLowerCase())).to.be.true;
    expect(containsToken(`run-${jwt.toLowerCase()}`)).to.be.true;
  });

  const names = ['production', 'monkeyjungle-production-europe', 'gha_runner', 'high_load', ''];
  for (const name of names) {
    it(`is not "${name}"`, () => {
      expect(containsToken(name)).to.be.false;
    });
  }
});

describe('the forms of tokens', () => {
  const jwt = `${base64url({ alg: 'RS256' })}.${base64url({ exp: 1 })}.c2ln`;
  const old = '0123456789abcdef0123456789abcdef01234567';
  // Whether it is a JWT, one of GitHub's own, an installation's.
  const table: readonly [name: string, token: string, ...are: [boolean, boolean, boolean]][] = [
    ['an OIDC token', jwt, true, false, false],
    ['a classic personal access token', randomToken('classic'), false, true, false],
    ['a fine-grained one', randomToken('fine_grained'), false, true, false],
    ['one of before April 2021', old, false, true, false],
    ['an installation token', randomToken('installation'), false, true, true],
    ['one with a JWT inside', randomStatelessInstallationToken(), false, true, true],
    ['a word', 'secret', false, false, false],
    ['digits, one too few', old.slice(1), false, false, false],
  ];
  for (const [name, token, ...are] of table) {
    it(`tell ${name}`, () => {
      const found = [looksLikeJwt, looksLikeGitHubToken, isInstallationToken].map((is) =>
        is(token),
      );
      expect(found).to.deep.equal(are);
    });
  }
});
