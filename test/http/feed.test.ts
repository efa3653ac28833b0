import { expect } from 'chai';
import type { FeedEvent } from '../../src/domain/feed/feed.js';
import type { Response } from 'supertest';
import { deploymentBody } from '../support/deployments.js';
import { readStream } from '../support/event-stream.js';
import type { ReadStream } from '../support/event-stream.js';
import { startTestService } from '../support/service.js';
import type { TestService } from '../support/service.js';
import { until } from '../support/until.js';

describe('the feed of an organisation', () => {
  let service: TestService;
  let organisation: string;
  let count = 0;
  const open: ReadStream[] = [];
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());
  beforeEach(() => {
    organisation = `acme-${(count += 1)}`;
  });
  afterEach(() => {
    for (const stream of open.splice(0)) stream.leave();
  });

  async function create(fields: object = {}, whose = organisation): Promise<string> {
    const response = await service.api
      .post('/v1/deployments')
      .set('X-Organisation', whose)
      .send(deploymentBody(fields))
      .expect(201);
    return (response.body as { id: string }).id;
  }
  const move = (id: string, body: object) =>
    service.api
      .patch(`/v1/deployments/${id}`)
      .set('X-Organisation', organisation)
      .send(body)
      .expect(200);
  const list = (query: string, whose = organisation) =>
    service.api.get(`/v1/events${query}`).set('X-Organisation', whose);
  async function events(query = '', whose = organisation): Promise<FeedEvent[]> {
    return (await list(query, whose).expect(200)).body as FeedEvent[];
  }
  async function stream(
    query = '',
    headers: Record<string, string> = {},
    whose = organisation,
  ): Promise<ReadStream> {
    const url = `${service.apiUrl}/v1/events/stream${query}`;
    const opened = await readStream(url, { 'X-Organisation': whose, ...headers });
    open.push(opened);
    return opened;
  }
  const positions = ({ events: arrived }: ReadStream) => arrived.map(({ id }) => Number(id));

  it('says of each event what it was, in the words of the life of a deployment', async () => {
    const first = await create({ version: '1' });
    const second = await create({ version: '2', region: 'eu' });
    await move(first, { status: 'in_progress' });
    await move(first, { status: 'failed' });
    await move(first, { status: 'scheduled' });
    await move(first, { notes: 'once more' });
    await move(first, { status: 'cancelled' });
    await move(second, { status: 'deployed' });
    const all = await events();
    expect(all.map(({ type }) => type)).to.deep.equal([
      'deployment.registered',
      'deployment.registered',
      'deployment.started',
      'deployment.failed',
      'deployment.scheduled',
      'deployment.updated',
      'deployment.cancelled',
      'deployment.deployed',
    ]);
    expect(all.map(({ position }) => position)).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(all[7]).to.include({
      deployment_id: second,
      version: '2',
      region: 'eu',
      from_status: 'scheduled',
      to_status: 'deployed',
    });
    const ofOne = await service.api
      .get(`/v1/deployments/${second}/events`)
      .set('X-Organisation', organisation);
    const [, last] = ofOne.body as object[];
    expect({ ...last, type: 'deployment.deployed' }).to.deep.equal(
      Object.fromEntries(
        Object.entries(all[7] ?? {}).filter(([name]) => last !== undefined && name in last),
      ),
    );
  });

  it('tells of what is skipped and rolled back along with the rest', async () => {
    await create({ version: '1' });
    await move(await create({ version: '2' }), { status: 'deployed' });
    await move(await create({ version: '3' }), { status: 'deployed' });
    await service.api
      .post('/v1/deployments/rollback?name=checkout&environment=production&provider=gcp')
      .set('X-Organisation', organisation)
      .expect(201);
    const told = (await events()).map(({ type, version, cause }) => `${type} ${version} ${cause}`);
    expect(told).to.include('deployment.skipped 1 auto_skip');
    expect(told.at(-1)).to.equal('deployment.registered 2 rollback');
  });

  it('is narrowed by type and by every part of a taxonomy, and says up to where it was looked at', async () => {
    const place = { environment: 'Staging', provider: 'aws', region: 'eu', cell: 'a' };
    await create();
    const id = await create({ name: 'billing', cloud_account_id: '42', ...place });
    await move(id, { status: 'deployed' });
    await create();
    const those = '?name=billing&environment=STAGING&provider=aws&cloud_account_id=42&region=eu';
    const response = await list(`${those}&cell=a`).expect(200);
    expect((response.body as FeedEvent[]).map(({ position }) => position)).to.deep.equal([2, 3]);
    expect(response.headers).to.include({ 'feed-position': '4' });
    expect(response.headers).not.to.have.property('link');
    const types = '?type=deployment.deployed&type=deployment.failed';
    expect((await events(types)).map(({ position }) => position)).to.deep.equal([3]);
    expect(await events('?region=nowhere')).to.deep.equal([]);
    await list('?type=deployment.lost').expect(422);
    await list('?type=deployment.failed&type=deployment.failed').expect(422);
  });

  it('is read in pages, from a position or from so many before the end', async () => {
    for (let nth = 1; nth <= 7; nth += 1) await create({ name: nth % 2 === 0 ? 'even' : 'odd' });
    const read: number[] = [];
    let path: string | undefined = '/v1/events?limit=2&name=odd';
    while (path !== undefined) {
      const page: Response = await service.api
        .get(path)
        .set('X-Organisation', organisation)
        .expect(200);
      const body = page.body as FeedEvent[];
      expect(body.length).to.be.at.most(2);
      read.push(...body.map(({ position }) => position));
      path = /<(.*)>; rel="next"/.exec(page.headers['link'] ?? '')?.[1];
      if (path !== undefined) expect(page.headers['feed-position']).to.equal(String(read.at(-1)));
    }
    expect(read).to.deep.equal([1, 3, 5, 7]);
    expect((await events('?after=5')).map(({ position }) => position)).to.deep.equal([6, 7]);
    expect((await events('?last=2')).map(({ position }) => position)).to.deep.equal([6, 7]);
    expect(await events('?last=0')).to.deep.equal([]);
    expect(await events('?after=7')).to.deep.equal([]);
  });

  const refused: [why: string, query: string, message: string][] = [
    ['a position that there has never been', '?after=2', 'after is beyond the end of the feed, 1'],
    ['two beginnings', '?after=1&last=1', 'last does not go together with after'],
    ['a position before all', '?after=-1', 'after must be >= 0'],
    ['more than there can be', '?last=1001', 'last must be <= 1000'],
  ];
  for (const [why, query, message] of refused) {
    it(`refuses ${why}, also as a stream`, async () => {
      await create();
      for (const path of ['/v1/events', '/v1/events/stream']) {
        const response = await service.api
          .get(`${path}${query}`)
          .set('X-Organisation', organisation)
          .expect(422);
        expect((response.body as { detail: string }).detail).to.include(message);
      }
    });
  }

  it('is streamed: what happens from now on, each event as it is listed', async () => {
    await create();
    const told = await stream();
    expect(told.response.headers.get('content-type')).to.equal('text/event-stream');
    const id = await create({ version: '2' });
    await move(id, { status: 'deployed' });
    await told.arrived(2);
    const listed = await events('?after=1');
    expect(told.events.map(({ data }) => JSON.parse(data) as unknown)).to.deep.equal(listed);
    expect(told.events.map(({ event }) => event)).to.deep.equal(listed.map(({ type }) => type));
    expect(positions(told)).to.deep.equal(listed.map(({ position }) => position));
    expect(told.text).to.match(
      /^retry: [12]\d{3}\n\nid: 1\nevent: position\ndata: \{"position":1\}\n\nid: 2\n/,
    );
  });

  it('is streamed from where the caller has been, which goes before everything else', async () => {
    for (let nth = 0; nth < 4; nth += 1) await create();
    const afterTwo = await stream('?after=2');
    const lastThree = await stream('?last=3');
    const comingBack = await stream('?last=4', { 'Last-Event-ID': '3' });
    await create();
    expect(await afterTwo.arrived(3)).to.have.length(3);
    expect(positions(afterTwo)).to.deep.equal([3, 4, 5]);
    await lastThree.arrived(4);
    expect(positions(lastThree)).to.deep.equal([2, 3, 4, 5]);
    await comingBack.arrived(2);
    expect(positions(comingBack)).to.deep.equal([4, 5]);
    for (const id of ['5x', '-1', '9'.repeat(16)]) {
      expect((await stream('', { 'Last-Event-ID': id })).response.status).to.equal(422);
    }
  });

  it('is streamed to each caller by its own filters', async () => {
    const failures = await stream('?type=deployment.failed');
    const staging = await stream('?environment=Staging');
    const id = await create();
    await move(id, { status: 'failed' });
    await create({ environment: 'staging' });
    await failures.arrived(1);
    await staging.arrived(1);
    expect(positions(failures)).to.deep.equal([2]);
    expect(positions(staging)).to.deep.equal([3]);
  });

  it('tells two who watch nothing of each other', async () => {
    const other = `other-${count}`;
    const [mine, theirs] = [await stream(), await stream('', {}, other)];
    await create({ name: 'ours' });
    for (let nth = 0; nth < 3; nth += 1) await create({ name: 'secret' }, other);
    await create({ name: 'ours' });
    await mine.arrived(2);
    await theirs.arrived(3);
    expect(positions(mine)).to.deep.equal([1, 2]);
    expect(positions(theirs)).to.deep.equal([1, 2, 3]);
    expect(mine.text).not.to.match(/secret|other/);
    expect(theirs.text).not.to.match(/ours|acme/);
  });

  it('has headers alone for HEAD', async () => {
    const response = await fetch(`${service.apiUrl}/v1/events/stream`, {
      method: 'HEAD',
      headers: { 'X-Organisation': organisation },
    });
    expect(response.status).to.equal(200);
    expect(response.headers.get('content-type')).to.equal('text/event-stream');
    await until('the request is over', () =>
      service.logs.some(
        ({ operationId, method }) => operationId === 'streamEvents' && method === 'HEAD',
      ),
    );
  });

  it('counts the streams that are open, no longer than they are', async () => {
    const openStreams = async () => {
      const { text } = await service.management.get('/metrics');
      return Number(/^event_streams (\d+)$/m.exec(text)?.[1]);
    };
    await until('those of before are gone', async () => (await openStreams()) === 0);
    const two = [await stream(), await stream()];
    expect(await openStreams()).to.equal(2);
    for (const one of two) one.leave();
    await until('they are gone', async () => (await openStreams()) === 0);
  });

  it('ends in between two events when the service stops', async () => {
    const own = await startTestService();
    const told = await readStream(`${own.apiUrl}/v1/events/stream`);
    await own.api.post('/v1/deployments').send(deploymentBody()).expect(201);
    await told.arrived(1);
    await own.stop();
    await told.ended;
    expect(told.text).to.match(/\n\n$/);
  });
});
