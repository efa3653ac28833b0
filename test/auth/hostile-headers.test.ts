import { expect } from 'chai';
import { authenticateAll } from '../support/authenticated-service.js';
import { told, unread } from '../support/hostile-header-rows.js';
import type { Good } from '../support/hostile-header-rows.js';
import { sendRaw } from '../support/raw-http.js';

describe('of the hostile headers,', () => {
  const running = authenticateAll();
  let good: Good = { jwt: '', pat: '', expired: '' };

  before(() => {
    const { issuer, gitHub } = running.now;
    const pat = gitHub.addUser({ login: 'mona', memberships: { acme: 'active' } });
    good = { jwt: issuer.sign(), pat, expired: issuer.sign({ exp: 1 }) };
  });

  const request = (headers: readonly string[]) =>
    sendRaw(running.now.service.apiUrl, ['GET /v1/deployments HTTP/1.1', ...headers]);

  /** Expects every token of a request to be in neither its answer nor the log. */
  function expectSecret(headers: readonly string[], answer: string): void {
    const { logs } = running.now.service;
    const tokens = headers.join(' ').match(/[\w.-]{20,}/g) ?? [];
    for (const part of tokens.flatMap((token) => [token, ...token.split('.')])) {
      if (part.length < 8) continue;
      expect(answer.includes(part), 'told').to.equal(false);
      expect(JSON.stringify(logs).includes(part), 'logged').to.equal(false);
    }
  }

  for (const [detail, status, code, rows] of told) {
    describe(`told ${status} "${detail}"`, () => {
      for (const [what, headersOf] of rows) {
        it(`is ${what}`, async () => {
          const headers = headersOf(good);
          const answer = await request(headers);
          expect(answer.status).to.equal(status);
          expect(JSON.parse(answer.body)).to.include({
            type: `urn:problem-type:deployment-queue:${code}`,
            detail,
          });
          expect(/^WWW-Authenticate: Bearer\r?$/m.test(answer.head)).to.equal(status === 401);
          expectSecret(headers, answer.head + answer.body);
          expect(running.now.gitHub.requests).to.deep.equal([]);
        });
      }
    });
  }

  for (const [status, what, headersOf] of unread) {
    it(`not read at all, but answered with ${status}, is ${what}`, async () => {
      const { service, gitHub } = running.now;
      const before = service.logs.length;
      const answer = await request(headersOf(good));
      expect(answer.status).to.equal(status);
      expect(JSON.parse(answer.body)).to.include({ status, instance: '/' });
      expectSecret(headersOf(good), answer.head + answer.body);
      const said = service.logs.slice(before).map(({ msg, status }) => ({ msg, status }));
      expect(said).to.deep.equal([{ msg: 'refused unread', status }]);
      expect(gitHub.requests).to.deep.equal([]);
    });
  }
});
