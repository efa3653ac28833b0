import { expect } from 'chai';
import { authenticateEach, send } from '../support/authenticated-service.js';
import { refusalLine } from '../support/auth-log.js';
import { listAtOnce } from '../support/crowd.js';
import { randomToken } from '../support/github/github-tokens.js';
import { until } from '../support/until.js';

describe('the lines of refusals in the log', () => {
  const perSecond = 5;
  const running = authenticateEach({ LOG_REFUSALS_PER_SECOND: String(perSecond) });
  const count = 300;

  /** Tokens that nobody knows, or that nobody has signed. */
  function flood(): Record<string, string>[] {
    const { attacker, issuer } = running.now;
    return Array.from({ length: count }, (_, index) => ({
      authorization: `Bearer ${
        index % 2 === 0 ? randomToken('classic') : attacker.sign({ iss: issuer.url })
      }`,
      'x-organisation': 'acme',
    }));
  }

  const stack = /\n\s+at |"stack"/;

  it('are few and without stacks, however many are refused, and say how many are not there', async () => {
    const { service } = running.now;
    await listAtOnce(service.apiUrl, flood());
    const { logs } = service;
    const lines = (message: string) => logs.filter(({ msg }) => msg === message);
    const leftOut = () =>
      lines('more was refused than is logged').reduce(
        (sum, line) => sum + Number(line['leftOut']),
        0,
      );
    const written = () => logs.filter(({ level, leftOut: of }) => level === 40 && !of).length;
    await until('all are accounted for', () => written() + leftOut() >= count);
    const seconds = new Set(logs.map(({ time }) => String(time).slice(0, 19))).size;
    expect(written()).to.be.at.most(perSecond * (seconds + 1));
    expect(JSON.stringify(logs)).not.to.match(stack);
    expect(lines('request'), 'each request has its line').to.have.length(count);
  });

  it('have no stack when GitHub, the issuer or the store is out of reach', async () => {
    const { service, gitHub, issuer } = running.now;
    await gitHub.stop();
    await issuer.stop();
    const pat = { token: randomToken('classic'), organisation: 'acme' };
    for (const sender of [pat, { token: issuer.sign() }]) {
      const response = await send(service, sender).expect(503);
      const line = await refusalLine(service, String(response.headers['x-request-id']));
      expect(line).to.include({ code: 'unavailable' });
    }
    const warnings = service.logs.filter(({ level }) => Number(level) >= 40);
    // The one of authentication, and the one that says why; none of a request that failed.
    expect(warnings.map(({ msg }) => msg)).to.have.members([
      'GitHub did not respond',
      'refused',
      'cannot fetch the keys of the issuer',
      'refused',
    ]);
    expect(JSON.stringify(service.logs)).not.to.match(stack);
  });

  it('are short, whatever the caller wrote', async () => {
    const { service, issuer } = running.now;
    const extension = 'x'.repeat(4_000);
    const token = issuer.sign({}, { header: { crit: [extension], [extension]: true } });
    const response = await send(service, { token }).expect(401);
    const line = await refusalLine(service, String(response.headers['x-request-id']));
    expect(line['reason']).to.match(/^ERR_JOSE_NOT_SUPPORTED: .*x…$/);
    expect(JSON.stringify(line).length).to.be.below(1_000);
  });
});
