import { expect } from 'chai';
import type { DeploymentEvent } from '../../src/domain/deployments/deployment.js';
import { expectProblem, runService } from '../support/http.js';

describe('listDeploymentEvents', () => {
  const running = runService();

  const get = (path: string) =>
    running.service.api.get(path).set('X-Organisation', running.tenant.organisation);

  /** The target of `rel="next"`, or nothing. */
  const next = (link: string | undefined) => /^<([^>]+)>; rel="next"$/.exec(link ?? '')?.[1];

  /** A deployment with as many events. */
  async function changed(events: number): Promise<string> {
    const { id } = await running.tenant.create();
    for (let change = 1; change < events; change += 1) {
      await running.tenant.move(id, change % 2 === 1 ? 'in_progress' : 'scheduled');
    }
    return id;
  }

  async function readOn(path: string): Promise<DeploymentEvent[][]> {
    const pages: DeploymentEvent[][] = [];
    for (let at: string | undefined = path; at !== undefined;) {
      const response: Awaited<ReturnType<typeof get>> = await get(at).expect(200);
      pages.push(response.body as DeploymentEvent[]);
      at = next(response.headers['link']);
    }
    return pages;
  }

  it('answers all that there are, oldest first, and links to no more', async () => {
    const id = await changed(3);
    const response = await get(`/v1/deployments/${id}/events`).expect(200);
    expect(response.headers['link']).to.equal(undefined);
    const events = response.body as DeploymentEvent[];
    expect(events.map(({ revision, to_status: to }) => [revision, to])).to.deep.equal([
      [1, 'scheduled'],
      [2, 'in_progress'],
      [3, 'scheduled'],
    ]);
  });

  const cuts: [events: number, limit: number, pages: number[]][] = [
    [1, 1, [1]],
    [2, 1, [1, 1]],
    [4, 2, [2, 2]],
    [5, 2, [2, 2, 1]],
    [5, 5, [5]],
    [5, 6, [5]],
    [5, 1000, [5]],
  ];
  for (const [events, limit, lengths] of cuts) {
    it(`reads ${events} events by ${limit} in pages of ${lengths.join(', ')}`, async () => {
      const id = await changed(events);
      const pages = await readOn(`/v1/deployments/${id}/events?limit=${limit}`);
      expect(pages.map((page) => page.length)).to.deep.equal(lengths);
      const revisions = pages.flat().map(({ revision }) => revision);
      expect(revisions).to.deep.equal(Array.from({ length: events }, (_, nth) => nth + 1));
    });
  }

  it('gives a hundred when no limit is set, and links to the rest', async () => {
    const pages = await readOn(`/v1/deployments/${await changed(101)}/events`);
    expect(pages.map((page) => page.length)).to.deep.equal([100, 1]);
  });

  it('reads events that come while it reads', async () => {
    const id = await changed(3);
    const first = await get(`/v1/deployments/${id}/events?limit=2`).expect(200);
    await running.tenant.move(id, 'in_progress');
    const pages = await readOn(next(first.headers['link']) ?? '');
    expect(pages.flat().map(({ revision }) => revision)).to.deep.equal([3, 4]);
  });

  it('takes an id in upper case, and its cursor too', async () => {
    const id = (await changed(3)).toUpperCase();
    const pages = await readOn(`/v1/deployments/${id}/events?limit=1`);
    expect(pages).to.have.length(3);
    const first = await get(`/v1/deployments/${id}/events?limit=1`).expect(200);
    const path = (next(first.headers['link']) ?? '').replace(id.toLowerCase(), id);
    expect((await get(path).expect(200)).body).to.have.length(1);
  });

  it('refuses a cursor of another deployment, of a list, and of another organisation', async () => {
    const [id, other] = [await changed(3), await changed(3)];
    const first = await get(`/v1/deployments/${id}/events?limit=1`).expect(200);
    const path = next(first.headers['link']) ?? '';
    const message = 'cursor belongs to another list; repeat the filters of the page before';
    expectProblem(await get(path.replace(id, other)), 422, 'contract-violation', message);
    const listed = await get('/v1/deployments?limit=1').expect(200);
    const cursor = new URL(next(listed.headers['link']) ?? '', 'http://x').searchParams;
    const ofList = `/v1/deployments/${id}/events?cursor=${cursor.get('cursor') ?? ''}`;
    expectProblem(await get(ofList), 422, 'contract-violation', message);
    const foreign = await running.service.api.get(path).set('X-Organisation', 'somebody-else');
    expectProblem(foreign, 422, 'contract-violation', message);
    await get(path.replace('limit=1', 'limit=2')).expect(200);
  });

  const refused: [query: string, detail: RegExp][] = [
    ['limit=0', /^limit must be >= 1$/],
    ['limit=1001', /^limit must be <= 1000$/],
    ['cursor=abc', /^cursor is not a cursor; take it from the Link header/],
    ['after=1', /^after is not a known query parameter; allowed: limit, cursor$/],
  ];
  for (const [query, detail] of refused) {
    it(`refuses ?${query}`, async () => {
      const response = await get(`/v1/deployments/${await changed(1)}/events?${query}`);
      expectProblem(response, 422, 'contract-violation', detail);
    });
  }

  it('answers 404 for an unknown id', async () => {
    const id = '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f';
    const response = await get(`/v1/deployments/${id}/events`);
    expectProblem(response, 404, 'deployment-not-found', `No deployment with id ${id}`);
  });
});
