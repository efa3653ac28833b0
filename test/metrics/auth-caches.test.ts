import { expect } from 'chai';
import { authenticateEach, send } from '../support/authenticated-service.js';
import { scrape, valueOf } from '../support/exposition.js';

describe('the caches of authentication, in the metrics,', () => {
  const running = authenticateEach();

  const list = (token: string, organisation?: string) =>
    send(running.now.service, organisation === undefined ? { token } : { token, organisation });
  async function lookups(cache: string): Promise<Record<string, number | undefined>> {
    const samples = await scrape(running.now.service);
    const value = (result: string) =>
      valueOf(samples, 'auth_cache_requests_total', { cache, result });
    return { hit: value('hit'), joined: value('joined'), miss: value('miss') };
  }

  it('miss when GitHub has to be asked, and hit afterwards', async () => {
    const token = running.now.gitHub.addUser({ login: 'mona', memberships: { acme: 'active' } });
    await list(token, 'acme').expect(200);
    for (let request = 0; request < 3; request += 1) await list(token, 'acme').expect(200);
    await list(token, 'globex').expect(403);
    await list(token, 'globex').expect(403);
    expect(await lookups('memberships')).to.deep.equal({ hit: 4, joined: undefined, miss: 2 });
  });

  it('count those who join a question that is under way', async () => {
    const token = running.now.gitHub.addUser({ login: 'mona', memberships: { acme: 'active' } });
    await Promise.all(Array.from({ length: 10 }, () => list(token, 'acme').expect(200)));
    const { hit = 0, joined = 0, miss } = await lookups('memberships');
    expect(miss).to.equal(1);
    expect(hit + joined).to.equal(9);
    expect(joined).to.be.greaterThan(0);
  });

  it('miss when the keys of the issuer have to be fetched, and hit while they are known', async () => {
    const { issuer } = running.now;
    await list(issuer.sign()).expect(200);
    await list(issuer.sign()).expect(200);
    await list(issuer.sign()).expect(200);
    expect(await lookups('keys')).to.deep.equal({ hit: 2, joined: undefined, miss: 1 });
    await issuer.rotate();
    await list(issuer.sign()).expect(200);
    expect(await lookups('keys')).to.deep.equal({ hit: 2, joined: undefined, miss: 2 });
  });

  it('miss for a token of a job that is new, and hit when it comes again', async () => {
    const { issuer } = running.now;
    await list(issuer.sign()).expect(200);
    const token = issuer.sign();
    for (let request = 0; request < 4; request += 1) await list(token).expect(200);
    expect(await lookups('tokens')).to.deep.equal({ hit: 3, joined: undefined, miss: 2 });
    // With keys that were fetched anew, every token is looked at again.
    await issuer.rotate();
    await list(issuer.sign()).expect(200);
    await list(token).expect(200);
    expect(await lookups('tokens')).to.deep.equal({ hit: 3, joined: undefined, miss: 4 });
  });
});
