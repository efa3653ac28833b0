import { expect } from 'chai';
import type { Deployment } from '../../src/domain/deployments/deployment.js';
import { expectProblem, runService } from '../support/http.js';
import { statuses, wayTo } from '../support/life-table.js';

describe('listDeployments', () => {
  const running = runService();

  const get = (path: string) =>
    running.service.api.get(path).set('X-Organisation', running.tenant.organisation);

  /** The target of `rel="next"`, or nothing. */
  const next = (link: string | undefined) => /^<([^>]+)>; rel="next"$/.exec(link ?? '')?.[1];

  it('answers a plain array, newest first, and an empty one when there is nothing', async () => {
    expect((await get('/v1/deployments').expect(200)).body).to.deep.equal([]);
    for (const version of ['1', '2', '3']) await running.tenant.create({ version });
    const response = await get('/v1/deployments').expect(200);
    expect(response.headers['link']).to.equal(undefined);
    expect((response.body as Deployment[]).map(({ version }) => version)).to.deep.equal([
      '3',
      '2',
      '1',
    ]);
  });

  it('gives a hundred when no limit is set, and links to the rest', async () => {
    for (let index = 0; index < 101; index += 1)
      await running.tenant.create({ version: `${index}` });
    const response = await get('/v1/deployments').expect(200);
    expect(response.body).to.have.length(100);
    const rest = await get(next(response.headers['link']) ?? '').expect(200);
    expect(rest.body).to.have.length(1);
    expect(rest.headers['link']).to.equal(undefined);
    await get('/v1/deployments?limit=1000').expect(200);
  });

  it('reads every page once by following the links, filters included, while rows are added', async () => {
    for (let index = 0; index < 7; index += 1) {
      await running.tenant.create({ version: `${index}`, cell: 'a/b c&d' });
      await running.tenant.create({ version: 'noise' });
    }
    const seen: string[] = [];
    let path: string | undefined = '/v1/deployments?limit=2&cell=a%2Fb+c%26d';
    while (path !== undefined) {
      const response: Awaited<ReturnType<typeof get>> = await get(path).expect(200);
      seen.push(...(response.body as Deployment[]).map(({ version }) => version));
      path = next(response.headers['link']);
      await running.tenant.create({ version: 'new', cell: 'a/b c&d' });
    }
    expect(seen).to.deep.equal(['6', '5', '4', '3', '2', '1', '0']);
  });

  it('narrows by each filter and by several', async () => {
    const { tenant } = running;
    await tenant.create(
      { version: 'a', name: 'x', environment: 'test', provider: 'aws' },
      'failed',
    );
    await tenant.create({ version: 'b', region: 'r', cell: 'c', cloud_account_id: 'i' });
    await tenant.create({ version: 'c', auto: false });
    const versions = async (query: Record<string, string>) =>
      (await tenant.list(query)).map(({ version }) => version);
    expect(await versions({ status: 'failed' })).to.deep.equal(['a']);
    expect(await versions({ name: 'x' })).to.deep.equal(['a']);
    expect(await versions({ environment: 'test' })).to.deep.equal(['a']);
    expect(await versions({ provider: 'aws' })).to.deep.equal(['a']);
    expect(await versions({ region: 'r' })).to.deep.equal(['b']);
    expect(await versions({ cell: 'c' })).to.deep.equal(['b']);
    expect(await versions({ cloud_account_id: 'i' })).to.deep.equal(['b']);
    expect(await versions({ trigger: 'manual' })).to.deep.equal(['c']);
    expect(await versions({ version: 'b' })).to.deep.equal(['b']);
    expect(await versions({ version: 'b', region: 'r', provider: 'gcp' })).to.deep.equal(['b']);
    expect(await versions({ version: 'b', region: 'other' })).to.deep.equal([]);
    expect(await versions({ provider: 'gcp', status: 'scheduled' })).to.deep.equal(['c', 'b']);
    expect(await versions({ provider: 'gcp', status: 'failed' })).to.deep.equal([]);
  });

  it('takes a status several times, as any of them, over all pages', async () => {
    const { tenant } = running;
    const history = ['scheduled', 'failed', 'cancelled', 'deployed', 'in_progress', 'skipped'];
    for (let index = 0; index < 12; index += 1) {
      const status = statuses.find((each) => each === history[index % 6]) ?? 'scheduled';
      // Places of their own, so that none skips another.
      await tenant.create({ version: `${index}`, cell: `${index}` }, ...wayTo[status]);
    }
    const seen: string[] = [];
    const query = 'status=cancelled&status=scheduled&status=in_progress&limit=2&provider=gcp';
    let path: string | undefined = `/v1/deployments?${query}`;
    let pages = 0;
    while (path !== undefined) {
      const response: Awaited<ReturnType<typeof get>> = await get(path).expect(200);
      seen.push(...(response.body as Deployment[]).map(({ version }) => version));
      path = next(response.headers['link']);
      pages += 1;
    }
    expect(seen).to.deep.equal(['10', '8', '6', '4', '2', '0']);
    expect(pages).to.equal(3);
    const two = await get('/v1/deployments?status=failed&status=deployed').expect(200);
    expect((two.body as Deployment[]).map(({ version }) => version)).to.deep.equal([
      ...['9', '7', '3', '1'],
    ]);
  });

  it('gives a cursor of several statuses to them alone', async () => {
    for (const version of ['1', '2', '3']) await running.tenant.create({ version });
    const first = await get('/v1/deployments?status=scheduled&status=failed&limit=1').expect(200);
    const path = next(first.headers['link']) ?? '';
    expect((await get(path).expect(200)).body).to.have.length(1);
    const turned = path.replace('status=scheduled&status=failed', 'status=failed&status=scheduled');
    expect(turned).not.to.equal(path);
    expect((await get(turned).expect(200)).body).to.have.length(1);
    const other = 'cursor belongs to another list; repeat the filters of the page before';
    const fewer = await get(path.replace('&status=failed', ''));
    expectProblem(fewer, 422, 'contract-violation', other);
  });

  it('takes characters that a query may hold as they are', async () => {
    await running.tenant.create({ version: 'a', cell: 'a/b:c@d' });
    const response = await get('/v1/deployments?cell=a/b:c@d').expect(200);
    expect(response.body).to.have.length(1);
  });

  it('does not mind a slash at the end of the path', async () => {
    await running.tenant.create();
    expect((await get('/v1/deployments/').expect(200)).body).to.have.length(1);
  });

  describe('refuses', () => {
    const cases: [query: string, detail: string | RegExp][] = [
      ['limit=0', 'limit must be >= 1'],
      ['limit=1001', 'limit must be <= 1000'],
      ['limit=abc', 'limit must be a whole number in decimal digits'],
      ['limit=1.5', 'limit must be a whole number in decimal digits'],
      ['limit=', 'limit must not be empty'],
      ['limit=1&limit=2', 'limit must be sent once'],
      [
        'status=done',
        /^status must be equal to one of the allowed values: scheduled, .*, cancelled$/,
      ],
      [
        'status=failed&status=done',
        /^status must be equal to one of the allowed values: scheduled, .*, cancelled$/,
      ],
      ['status=failed&status=failed', /^status must NOT have duplicate items/],
      ['version=', 'version must not be empty'],
      ['version=1&version=2', 'version must be sent once'],
      ['provider=ibm', 'provider must be equal to one of the allowed values: gcp, aws, azure'],
      ['trigger=x', 'trigger must be equal to one of the allowed values: auto, manual, rollback'],
      ['name=', 'name must not be empty'],
      [`name=${'a'.repeat(256)}`, 'name must NOT have more than 255 characters'],
      ['name=%00', 'name must not contain NUL or unpaired surrogates'],
      ['name[]=a', /^name\[\] is not a known query parameter; allowed: status, name, /],
      [
        'sort=name',
        /^sort is not a known query parameter; allowed: status, name, .*, limit, cursor$/,
      ],
      ['__proto__=1', /^__proto__ is not a known query parameter/],
      ['cursor=abc', /^cursor is not a cursor; take it from the Link header/],
    ];
    for (const [query, detail] of cases) {
      it(`?${query.slice(0, 40)}`, async () => {
        const response = await get(`/v1/deployments?${query}`);
        expectProblem(response, 422, 'contract-violation', detail);
        expect(response.body.errors).to.have.length(1);
        expect(response.body.errors[0].parameter).to.be.a('string');
      });
    }

    it('a cursor of another organisation, of another filter, or with a flipped letter', async () => {
      const { tenant, service } = running;
      for (const version of ['1', '2', '3']) await tenant.create({ version });
      const first = await get('/v1/deployments?limit=1').expect(200);
      const path = next(first.headers['link']) ?? '';
      const foreign = await service.api.get(path).set('X-Organisation', 'somebody-else');
      const other = 'cursor belongs to another list; repeat the filters of the page before';
      expectProblem(foreign, 422, 'contract-violation', other);
      expectProblem(await get(`${path}&name=checkout`), 422, 'contract-violation', other);
      const letter = path.endsWith('A') ? 'B' : 'A';
      expectProblem(await get(path.slice(0, -1) + letter), 422, 'contract-violation', /^cursor /);
      await get(path.replace('limit=1', 'limit=2')).expect(200);
    });
  });
});
