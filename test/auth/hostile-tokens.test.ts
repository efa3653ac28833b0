import { expect } from 'chai';
import { authenticateAll, send } from '../support/authenticated-service.js';
import { expectSecret, refusalLine } from '../support/auth-log.js';
import { expectProblem } from '../support/http.js';
import { hostileTokens } from '../support/oidc/hostile-tokens.js';
import { timeTravel } from '../support/time-travel.js';
import { verdicts } from '../support/oidc/hostile-verdicts.js';

describe('of the hostile tokens,', () => {
  const running = authenticateAll();
  const wait = timeTravel();
  let tokens = new Map<string, string>();
  let rows = 0;

  before(async () => {
    const { issuer, attacker } = running.now;
    const all = await hostileTokens(issuer, attacker);
    tokens = new Map(all.map(({ name, token }) => [name, token]));
    expect(tokens.size).to.equal(all.length);
  });

  it('each has one verdict', () => {
    const judged = verdicts.flatMap((verdict) => verdict.tokens);
    expect(judged).to.have.members([...tokens.keys()]);
    expect(judged.length).to.be.at.least(138);
  });

  for (const { detail, reason, tokens: names } of verdicts) {
    describe(`told "${detail}"${reason === undefined ? '' : `, and logged with "${reason}",`}`, () => {
      for (const name of names) {
        it(`is ${name}`, async () => {
          const { service } = running.now;
          const token = tokens.get(name) ?? '';
          const requestId = `hostile-${(rows += 1)}`;
          // So that none is told to come again since others have just been looked up.
          await wait(5_000);
          const response = await send(service, { token, organisation: 'acme' }).set(
            'X-Request-Id',
            requestId,
          );
          expectProblem(response, 401, 'unauthenticated', detail);
          expect(response.headers['www-authenticate']).to.equal('Bearer');
          const line = await refusalLine(service, requestId);
          expect(line).to.include({ code: 'unauthenticated', detail });
          expect(line['reason']).to.equal(reason);
          expectSecret(service, response, token);
        });
      }
    });
  }

  describe('when all have been sent,', () => {
    it('none has made the service ask GitHub or the attacker', () => {
      const { gitHub, attacker } = running.now;
      expect(rows).to.equal(tokens.size);
      expect([gitHub.requests.length, attacker.fetches]).to.deep.equal([0, 0]);
    });

    it('none has spoiled anything for an honest one', async () => {
      const { service, issuer } = running.now;
      await send(service, { token: issuer.sign() }).expect(200);
    });
  });
});
