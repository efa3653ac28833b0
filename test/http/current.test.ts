import { expect } from 'chai';
import type { CurrentState } from '../../src/domain/overview/current.js';
import { expectProblem, runService } from '../support/http.js';

describe('listCurrent', () => {
  const running = runService();

  const get = (path: string) =>
    running.service.api.get(path).set('X-Organisation', running.tenant.organisation);
  const rows = async (query = ''): Promise<CurrentState[]> =>
    (await get(`/v1/current${query}`).expect(200)).body as CurrentState[];
  /** The target of `rel="next"`, or nothing. */
  const next = (link: string | undefined) => /^<([^>]+)>; rel="next"$/.exec(link ?? '')?.[1];

  it('answers a plain array, empty while there is nothing', async () => {
    const response = await get('/v1/current').expect(200);
    expect(response.body).to.deep.equal([]);
    expect(response.headers['link']).to.equal(undefined);
    expect(response.headers).to.include({ 'cache-control': 'private, no-cache' });
  });

  it('says what runs, what ran before, what is under way and what waits', async () => {
    const { tenant } = running;
    const good = await tenant.create({ version: '1' }, 'deployed');
    const rollout = await tenant.create({ version: '2' }, 'in_progress');
    await tenant.create({ version: '3' });
    const newest = await tenant.create({ version: '4' });
    const [row, ...others] = await rows();
    expect(others).to.deep.equal([]);
    expect(row).to.deep.include({ name: 'checkout', environment: 'production', region: null });
    expect(row?.current).to.deep.equal({
      id: rollout.id,
      version: '2',
      status: 'in_progress',
      trigger: 'auto',
      created_at: rollout.created_at,
      started_at: rollout.started_at,
      finished_at: null,
      deployed_at: null,
      commit_sha: null,
      build_uri: rollout.build_uri,
      deployment_uri: rollout.deployment_uri,
      created_by_repo: null,
      created_by_workflow: null,
      created_by_actor: rollout.created_by_actor,
    });
    expect(row?.previous_good).to.include({ id: good.id, deployed_at: good.deployed_at });
    expect(row?.in_progress).to.deep.equal([row?.current]);
    expect(row?.waiting).to.have.property('count', 2);
    expect(row?.waiting.next).to.include({ id: newest.id });
  });

  it('names what a rollback replaces, and what that returns to', async () => {
    const { tenant } = running;
    for (const version of ['1', '2', '3']) await tenant.create({ version }, 'deployed');
    for (let times = 0; times < 2; times += 1) {
      const [row] = await rows();
      const undo = await tenant.rollback();
      expect(row?.current?.id).to.equal(undo.rollback_from_deployment_id);
      expect(row?.previous_good?.id).to.equal(undo.source_deployment_id);
      await tenant.move(undo.id, 'deployed');
    }
  });

  it('names what the queue lets go next: what is claimed, before what is newer', async () => {
    const { tenant } = running;
    const first = await tenant.create({ version: '1' });
    const second = await tenant.create({ version: '2' });
    await tenant.create({ version: '3' });
    const claim = (id: string, status: number) =>
      running.service.api
        .post(`/v1/deployments/${id}/claim`)
        .set('X-Organisation', tenant.organisation)
        .send({})
        .expect(status);
    await claim(first.id, 200);
    await claim(second.id, 202);
    const [row] = await rows();
    expect(row?.current).to.include({ id: first.id, status: 'in_progress' });
    expect(row?.waiting.next).to.include({ id: second.id });
  });

  it('goes by the order of the environment', async () => {
    const { tenant } = running;
    for (const version of ['1', '2', '3']) await tenant.create({ version });
    expect((await rows())[0]?.waiting.next).to.include({ version: '3' });
    await running.service.api
      .put('/v1/environments/production')
      .set('X-Organisation', tenant.organisation)
      .send({
        order: 'oldest',
        exclusive: 'taxonomy',
        max_running: 1,
        buffer_seconds: 0,
        queue_ttl_seconds: null,
        max_hold_seconds: null,
        unleased_hold_seconds: 3600,
        lease_required: false,
      })
      .expect(200);
    expect((await rows())[0]?.waiting.next).to.include({ version: '1' });
  });

  const places = [
    { name: 'b', environment: 'production', region: 'x', cell: 'c' },
    { name: 'a', environment: 'staging', provider: 'aws', cloud_account_id: 'i' },
    { name: 'a', environment: 'production' },
    { name: 'b', environment: 'production', region: 'x' },
  ] as const;

  it('is in the order of environment, name, region and cell, absent parts first', async () => {
    for (const place of places) await running.tenant.create(place);
    const found = await rows();
    expect(found.map(({ name, environment, cell }) => [environment, name, cell])).to.deep.equal([
      ['production', 'a', null],
      ['production', 'b', null],
      ['production', 'b', 'c'],
      ['staging', 'a', null],
    ]);
  });

  it('narrows by each part, and by several', async () => {
    for (const place of places) await running.tenant.create(place);
    const count = async (query: string) => (await rows(query)).length;
    expect(await count('?environment=production')).to.equal(3);
    expect(await count('?environment=PRODUCTION')).to.equal(3);
    expect(await count('?name=a')).to.equal(2);
    expect(await count('?provider=aws')).to.equal(1);
    expect(await count('?cloud_account_id=i')).to.equal(1);
    expect(await count('?region=x')).to.equal(2);
    expect(await count('?region=')).to.equal(4);
    expect(await count('?cell=c')).to.equal(1);
    expect(await count('?region=x&cell=c&name=b')).to.equal(1);
    expect(await count('?region=x&name=a')).to.equal(0);
  });

  it('reads every row once by following the links, filters included', async () => {
    for (let nth = 0; nth < 7; nth += 1) {
      await running.tenant.create({ name: `component ${nth}`, region: 'a/b c&d' });
      await running.tenant.create({ name: `component ${nth}`, region: 'other' });
    }
    const seen: string[] = [];
    let path: string | undefined = '/v1/current?limit=2&region=a%2Fb+c%26d';
    while (path !== undefined) {
      const response: Awaited<ReturnType<typeof get>> = await get(path).expect(200);
      seen.push(...(response.body as CurrentState[]).map(({ name }) => name));
      path = next(response.headers['link']);
    }
    expect(seen).to.deep.equal(Array.from({ length: 7 }, (_, nth) => `component ${nth}`));
  });

  it('reads on from where it was, however long the names are', async () => {
    const long = (nth: number) => `${'\u{1f680}'.repeat(254)}${nth}`;
    for (const nth of [1, 2, 3]) await running.tenant.create({ name: long(nth) });
    const first = await get('/v1/current?limit=2').expect(200);
    const rest = await get(next(first.headers['link']) ?? '').expect(200);
    expect((rest.body as CurrentState[]).map(({ name }) => name)).to.deep.equal([long(3)]);
  });

  it('shows nothing of another organisation', async () => {
    await running.tenant.create();
    const other = await running.service.api
      .get('/v1/current')
      .set('X-Organisation', 'somebody-else')
      .expect(200);
    expect(other.body).to.deep.equal([]);
  });

  it('refuses what is no filter of it, more than a page holds, and cursors of other lists', async () => {
    const refuses = async (query: string, detail: string | RegExp) => {
      expectProblem(await get(`/v1/current?${query}`), 422, 'contract-violation', detail);
    };
    await refuses(
      'version=1',
      /^version is not a known query parameter; allowed: name, environment/,
    );
    await refuses('limit=101', 'limit must be <= 100');
    await refuses('provider=ibm', /^provider must be equal to one of the allowed values/);
    await refuses('cursor=abc', /^cursor is not a cursor/);
    for (const name of ['a', 'b']) await running.tenant.create({ name });
    const cursor = next((await get('/v1/current?limit=1')).headers['link'])?.split('cursor=')[1];
    await refuses(
      `name=a&cursor=${cursor ?? ''}`,
      'cursor belongs to another list; repeat the filters of the page before',
    );
  });
});
