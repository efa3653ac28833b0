import { expect } from 'chai';
import { containsToken } from '../../src/platform/token-formats.js';
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

  const names = ['production', 'monkeyjungle-production-europe', 'gha_runner', 'high_load', ''];
  for (const name of names) {
    it(`is not "${name}"`, () => {
      expect(containsToken(name)).to.be.false;
    });
  }
});
