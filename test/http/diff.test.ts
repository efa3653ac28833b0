import { expect } from 'chai';
import type { Difference } from '../../src/domain/overview/compare.js';
import { expectProblem, runService } from '../support/http.js';

describe('compareEnvironments', () => {
  const running = runService();

  const get = (query: string) =>
    running.service.api.get(`/v1/diff?${query}`).set('X-Organisation', running.tenant.organisation);
  const rows = async (query = 'from=staging&to=production'): Promise<Difference[]> =>
    (await get(query).expect(200)).body as Difference[];
  const send = (environment: string, version: string, fields = {}) =>
    running.tenant.create({ environment, version, ...fields }, 'deployed');

  it('says how far an environment is, component by component', async () => {
    await send('staging', '1', { name: 'same' });
    await send('production', '1', { name: 'same', cloud_account_id: 'other' });
    for (const version of ['1', '2']) await send('staging', version, { name: 'behind' });
    const old = await send('production', '1', { name: 'behind' });
    await send('staging', '1', { name: 'ahead' });
    for (const version of ['1', '2']) await send('production', version, { name: 'ahead' });
    await send('staging', '1', { name: 'diverged' });
    await send('production', '2', { name: 'diverged' });
    await send('staging', '1', { name: 'new', region: 'r', cell: 'c' });
    await send('production', '1', { name: 'old' });
    await send('test', '1', { name: 'elsewhere' });

    const found = await rows();
    expect(found.map(({ name, state }) => [name, state])).to.deep.equal([
      ['ahead', 'ahead'],
      ['behind', 'behind'],
      ['diverged', 'diverged'],
      ['new', 'only_in_from'],
      ['old', 'only_in_to'],
      ['same', 'same'],
    ]);
    expect(found[1]?.to).to.have.length(1);
    expect(found[1]?.to[0]).to.deep.include({ provider: 'gcp', cloud_account_id: null });
    expect(found[1]?.to[0]?.current).to.include({ id: old.id, version: '1', status: 'deployed' });
    expect(found[3]).to.deep.include({ region: 'r', cell: 'c', to: [] });
  });

  it('turns round when it is asked the other way round', async () => {
    await send('staging', '1');
    await send('staging', '2');
    await send('production', '1');
    await send('staging', '1', { name: 'only' });
    const states = (found: Difference[]) => found.map(({ state }) => state);
    expect(states(await rows())).to.deep.equal(['behind', 'only_in_from']);
    expect(states(await rows('from=production&to=staging'))).to.deep.equal(['ahead', 'only_in_to']);
  });

  it('narrows by the cloud', async () => {
    await send('staging', '1', { provider: 'aws' });
    await send('production', '2', { provider: 'gcp' });
    expect(await rows()).to.have.length(1);
    const found = await rows('from=staging&to=production&provider=aws');
    expect(found.map(({ state }) => state)).to.deep.equal(['only_in_from']);
  });

  it('reads every row once by following the links', async () => {
    for (let nth = 0; nth < 5; nth += 1) {
      await send('staging', '1', { name: `component ${nth}` });
      if (nth % 2 === 0) await send('production', '1', { name: `component ${nth}` });
    }
    await send('production', '1', { name: 'component 9' });
    const seen: string[] = [];
    let query: string | undefined = 'from=Staging&to=production&limit=2';
    while (query !== undefined) {
      const response: Awaited<ReturnType<typeof get>> = await get(query).expect(200);
      seen.push(...(response.body as Difference[]).map(({ name }) => name));
      query = /^<\/v1\/diff\?([^>]+)>; rel="next"$/.exec(response.headers['link'] ?? '')?.[1];
    }
    expect(seen).to.deep.equal([0, 1, 2, 3, 4, 9].map((nth) => `component ${nth}`));
  });

  it('wants two environments that differ, whatever their case', async () => {
    const refuses = async (query: string, detail: string | RegExp) => {
      expectProblem(await get(query), 422, 'contract-violation', detail);
    };
    await refuses('', /from/);
    await refuses('from=staging', /^to /);
    await refuses('to=staging', /^from /);
    await refuses(
      'from=staging&to=STAGING',
      'to must be another environment than from, which is staging',
    );
    await refuses('from=a&to=b&name=c', /^name is not a known query parameter/);
  });
});

describe('compareEnvironments where there is a default environment', () => {
  const running = runService({ DEFAULT_ENVIRONMENT: 'production' });

  it('wants both environments all the same', async () => {
    const response = await running.service.api
      .get('/v1/diff?from=staging')
      .set('X-Organisation', running.tenant.organisation);
    expectProblem(response, 422, 'contract-violation', /^to /);
  });
});
