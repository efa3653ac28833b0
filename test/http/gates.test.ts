import { expect } from 'chai';
import ICAL from 'ical.js';
import supertest from 'supertest';
import type { Response } from 'supertest';
import type { components } from '../../generated/openapi.js';
import { authenticateAll, send } from '../support/authenticated-service.js';
import type { Method, Sender } from '../support/authenticated-service.js';
import { deploymentBody } from '../support/deployments.js';
import { expectProblem } from '../support/http.js';
import { until } from '../support/until.js';

type Schemas = components['schemas'];
type Deployment = Schemas['Deployment'];
type GateEvent = Schemas['GateEvent'];

/** What others' users complain of, and what else gates promise, as a caller meets it. */
describe('gates', () => {
  const running = authenticateAll();
  let organisations = 0;
  let organisation = '';
  let job: Sender;
  let owner: Sender;
  let mona: Sender;

  beforeEach(() => {
    organisation = `gated${(organisations += 1)}`;
    const { issuer, gitHub } = running.now;
    const member = (login: string, role: 'admin' | 'member'): Sender => ({
      token: gitHub.addUser({
        login,
        memberships: { [organisation]: 'active' },
        roles: { [organisation]: role },
      }),
      organisation,
    });
    const claims = { repository_owner: organisation, repository: `${organisation}/checkout` };
    job = { token: issuer.sign({ ...claims, actor: 'octocat' }) };
    owner = member('olga', 'admin');
    mona = member('mona', 'member');
  });

  const call = (
    sender: Sender,
    method: Method,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): PromiseLike<Response> => {
    const request = send(running.now.service, sender, method, `/v1${path}`).set(headers);
    return body === undefined ? request : request.send(body);
  };

  async function register(fields: object = {}): Promise<Deployment> {
    const response = await call(job, 'post', '/deployments', { ...deploymentBody(), ...fields });
    expect(response.status).to.equal(201);
    return response.body as Deployment;
  }

  async function created<Gate extends { id: string }>(path: string, body: object, by = mona) {
    const response = await call(by, 'post', path, body);
    expect(response.status, response.text).to.equal(201);
    expect(response.headers['location']).to.equal(`/v1${path}/${(response.body as Gate).id}`);
    return response.body as Gate;
  }

  const lock = (fields: object = {}, by = mona) =>
    created<Schemas['Lock']>('/locks', { scope: {}, reason: 'failing over', ...fields }, by);

  /** A freeze that is closed from a minute ago, on the clocks of UTC. @param forMs from now on */
  const freeze = (forMs: number, fields: object = {}) => {
    const wall = (ahead: number) => new Date(Date.now() + ahead).toISOString().slice(0, 19);
    const span = { time_zone: 'Etc/UTC', starts: wall(-60_000), ends: wall(forMs) };
    return created<Schemas['Freeze']>('/freezes', {
      scope: {},
      reason: 'holidays',
      ...span,
      ...fields,
    });
  };

  const claim = (id: string, body: object = {}, by = job) =>
    call(by, 'post', `/deployments/${id}/claim`, body);

  const patch = (id: string, body: object, by = job, headers = {}) =>
    call(by, 'patch', `/deployments/${id}`, body, headers);

  /** Claims, and waits until the claim waits. */
  async function waiting(id: string): Promise<{ response: Promise<Response> }> {
    const response = Promise.resolve(claim(id, { wait_seconds: 60 }));
    await until(`${id} is waited for`, async () => {
      const { body } = await call(job, 'get', `/deployments/${id}/queue`);
      return (body as Schemas['QueuePosition']).position !== null;
    });
    return { response };
  }

  const events = async (): Promise<GateEvent[]> =>
    (await call(job, 'get', '/gates/events')).body as GateEvent[];
  const lastEvent = async (id: string): Promise<Schemas['DeploymentEvent'] | undefined> =>
    ((await call(job, 'get', `/deployments/${id}/events`)).body as Schemas['DeploymentEvent'][]).at(
      -1,
    );

  it('a lock is there after a deployment as before', async () => {
    const [first, second] = [await register(), await register({ version: '2' })];
    const { id } = await lock();
    expect((await patch(first.id, { status: 'deployed' })).status).to.equal(200);
    const { status, body } = await claim(second.id);
    expect(status).to.equal(202);
    expect(body.blocked_by[0]).to.include({ kind: 'lock', gate_id: id });
    expect((await call(job, 'get', `/locks/${id}`)).status).to.equal(200);
  });

  it('a lock that is released releases no other', async () => {
    const { id } = await register();
    const [one, other] = [await lock({ reason: 'one' }), await lock({ reason: 'other' })];
    expect((await call(mona, 'delete', `/locks/${one.id}?reason=over`)).status).to.equal(204);
    expectProblem(await call(mona, 'delete', `/locks/${one.id}`), 404, 'lock-not-found');
    expect((await claim(id)).body.blocked_by).to.deep.equal([
      {
        kind: 'lock',
        gate_id: other.id,
        reason: 'other',
        owner: 'mona',
        until: null,
        deployment_id: null,
      },
    ]);
  });

  it('a lock says who placed it, when and why, and its events who released it', async () => {
    const placed = await lock({ scope: { environment: 'PRODUCTION' }, allow: [] });
    expect(placed).to.deep.include({
      scope: { environment: 'production' },
      reason: 'failing over',
      allow: [],
      expires_at: null,
      created_by_actor: 'mona',
      created_by_repo: null,
    });
    expect((await call(job, 'get', '/locks')).body).to.deep.equal([placed]);
    await call(owner, 'delete', `/locks/${placed.id}?reason=${encodeURIComponent('it is back')}`);
    const [first, second] = await events();
    expect(first).to.deep.include({ type: 'lock.created', actor: 'mona', lock: placed });
    expect(second).to.deep.include({
      type: 'lock.released',
      actor: 'olga',
      reason: 'it is back',
      gate_id: placed.id,
    });
    expect((await call(job, 'get', '/locks')).body).to.deep.equal([]);
  });

  it('a freeze is asked for when a deployment starts, and not when it is registered', async () => {
    const { id } = await register();
    const frozen = await freeze(60 * 60_000);
    const refused = await patch(id, { status: 'in_progress' });
    expectProblem(refused, 409, 'gate-closed');
    expect(refused.body.blocked_by).to.deep.equal([
      {
        kind: 'freeze',
        gate_id: frozen.id,
        reason: 'holidays',
        owner: 'mona',
        until: frozen.closed_until,
      },
    ]);
    expect(refused.body.detail).to.contain(`closed until ${frozen.closed_until ?? ''}`);
    expect((await call(mona, 'delete', `/freezes/${frozen.id}`)).status).to.equal(204);
    expect((await patch(id, { status: 'in_progress' })).status).to.equal(200);
  });

  it('what happened is recorded whatever is closed, with the gates that were', async () => {
    const { id } = await register();
    const { lease } = (await claim(id)).body as Schemas['Claim'];
    const { id: gate } = await lock();
    const token = { 'Lease-Token': lease.token };
    expect((await patch(id, { status: 'failed' }, job, token)).status).to.equal(200);
    expect((await lastEvent(id))?.gates.map(({ gate_id }) => gate_id)).to.deep.equal([gate]);
  });

  it('an override starts it by those who may, and leaves who, why and what was closed', async () => {
    const { id } = await register();
    const { id: gate } = await lock();
    const override = { reason: 'the fix for it' };
    for (const by of [job, mona]) {
      expectProblem(await claim(id, { override }, by), 403, 'forbidden');
      expectProblem(await patch(id, { status: 'in_progress', override }, by), 403, 'forbidden');
    }
    expect((await claim(id, { override }, owner)).status).to.equal(200);
    expect(await lastEvent(id)).to.deep.include({
      cause: 'override',
      reason: 'the fix for it',
      actor: 'olga',
      gates: [{ kind: 'lock', gate_id: gate, reason: 'failing over', owner: 'mona', until: null }],
    });
    const [event] = (await call(job, 'get', '/events?last=1')).body as Schemas['FeedEvent'][];
    expect(event).to.include({ cause: 'override', type: 'deployment.started' });
    expectProblem(await patch(id, { override }), 400, 'nothing-to-update');
  });

  it('a freeze stops no rollback, unless it says so', async () => {
    for (const version of ['1', '2']) {
      const { id } = await register({ version });
      await patch(id, { status: 'deployed' });
    }
    const frozen = await freeze(60 * 60_000);
    const { name, environment, provider } = deploymentBody();
    const query = new URLSearchParams({ name, environment, provider }).toString();
    const rollback = await call(job, 'post', `/deployments/rollback?${query}`, { lock: true });
    expect(rollback.status, rollback.text).to.equal(201);
    const { id } = rollback.body as Deployment;
    expect((await call(job, 'get', '/locks')).body).to.have.length(1);
    await freeze(60 * 60_000, { allow: [] });
    expect((await claim(id)).status).to.equal(202);
    for (const { id: other } of (await call(job, 'get', '/freezes')).body) {
      if (other !== frozen.id) await call(mona, 'delete', `/freezes/${other}`);
    }
    expect((await claim(id)).status).to.equal(200);
    // What was rolled back from is not deployed again.
    const again = await register({ version: '3' });
    await patch(id, { status: 'failed' });
    expect(
      (await claim(again.id)).body.blocked_by.map(({ kind }: { kind: string }) => kind),
    ).to.include('lock');
  });

  for (const [what, open] of [
    [
      'a lock is released',
      async () => {
        const { id } = await lock();
        return () => call(mona, 'delete', `/locks/${id}`);
      },
    ],
    [
      'a freeze is deleted',
      async () => {
        const { id } = await freeze(60 * 60_000);
        return () => call(mona, 'delete', `/freezes/${id}`);
      },
    ],
    [
      'a lock expires',
      async () => {
        await lock({ expires_at: new Date(Date.now() + 1_500).toISOString() });
        return () => Promise.resolve();
      },
    ],
    [
      'a freeze ends',
      async () => {
        await freeze(2_500);
        return () => Promise.resolve();
      },
    ],
  ] as const) {
    it(`whoever waits goes when ${what}`, async () => {
      const { id } = await register();
      const opening = await open();
      const { response } = await waiting(id);
      await opening();
      const { status, body } = await response;
      expect(status, JSON.stringify(body)).to.equal(200);
    });
  }

  it('whoever waits goes when it has its approvals, each of somebody else', async () => {
    const path = '/environments/production';
    await call(owner, 'put', path, { required_approvals: 2 });
    const { id } = await register();
    const { response } = await waiting(id);
    const octocat = {
      token: running.now.gitHub.addUser({
        login: 'OctoCat',
        memberships: { [organisation]: 'active' },
      }),
      organisation,
    };
    const approve = (by: Sender, body?: object) =>
      call(by, 'post', `/deployments/${id}/approve`, body);
    expectProblem(await approve(octocat), 409, 'approval-not-allowed');
    const first = await approve(mona, { reason: 'looked at it' });
    expect(first.status).to.equal(200);
    expect(first.body.approvals).to.deep.equal([
      {
        actor: 'mona',
        repository: null,
        approved_at: first.body.updated_at,
        reason: 'looked at it',
      },
    ]);
    const again = await approve(mona);
    expect(again.headers['etag']).to.equal(first.headers['etag']);
    await approve(owner);
    expect((await response).status).to.equal(200);
    const feed = (await call(job, 'get', '/events?last=3')).body as Schemas['FeedEvent'][];
    expect(feed.map(({ type, actor }) => [type, actor])).to.deep.equal([
      ['deployment.approved', 'mona'],
      ['deployment.approved', 'olga'],
      ['deployment.started', 'octocat'],
    ]);
  });

  it('a rejection cancels, and whoever waits is told', async () => {
    await call(owner, 'put', '/environments/production', { required_approvals: 1 });
    const { id } = await register();
    const { response } = await waiting(id);
    const rejected = await call(mona, 'post', `/deployments/${id}/reject`, { reason: 'not tried' });
    expect(rejected.body).to.include({ status: 'cancelled' });
    expectProblem(await response, 409, 'claim-not-allowed');
    expect(await lastEvent(id)).to.include({
      cause: 'rejection',
      reason: 'not tried',
      actor: 'mona',
    });
    expectProblem(
      await call(mona, 'post', `/deployments/${id}/approve`),
      409,
      'approval-not-allowed',
    );
  });

  it('a key creates a lock once, and is refused for another one', async () => {
    const headers = { 'Idempotency-Key': 'one' };
    const body = { scope: { name: 'checkout' }, reason: 'once' };
    const first = await call(mona, 'post', '/locks', body, headers);
    const second = await call(mona, 'post', '/locks', body, headers);
    expect(second.body).to.deep.equal(first.body);
    expect(second.headers['idempotent-replayed']).to.equal('true');
    const other = await call(mona, 'post', '/locks', { ...body, reason: 'other' }, headers);
    expectProblem(other, 422, 'idempotency-key-reused');
    // Keys are of each caller.
    await call(owner, 'post', '/locks', body, headers);
    expect((await call(job, 'get', '/locks')).body).to.have.length(2);
  });

  it('are another organisation’s alone', async () => {
    const { id } = await lock();
    const { issuer } = running.now;
    const stranger = { token: issuer.sign({ repository_owner: 'elsewhere' }) };
    for (const method of ['get', 'delete'] as const) {
      expectProblem(await call(stranger, method, `/locks/${id}`), 404, 'lock-not-found');
    }
    expect((await call(stranger, 'get', '/gates/events')).body).to.deep.equal([]);
  });

  it('are closed by who may lock in all of their places', async () => {
    const may = (who: object, actions: string[]) => ({ who, may: actions });
    await call(owner, 'put', '/policies/production', {
      scope: { environment: 'production' },
      rules: [may({ person: { role: 'admin' } }, ['lock'])],
    });
    for (const scope of [{}, { environment: 'prod*' }, { name: 'checkout' }]) {
      const refused = await call(mona, 'post', '/locks', { scope, reason: 'mine' });
      expectProblem(refused, 403, 'forbidden');
      expect(refused.body.access.policies).to.deep.equal(['production']);
    }
    const staging = await lock({ scope: { environment: 'staging' } });
    expect((await call(mona, 'delete', `/locks/${staging.id}`)).status).to.equal(204);
    await lock({ scope: {} }, owner);
  });

  it('are listed and told of in pages', async () => {
    for (const reason of ['a', 'b', 'c']) await lock({ reason });
    for (const path of ['/v1/locks?limit=2', '/v1/gates/events?limit=2']) {
      const first = await send(running.now.service, job, 'get', path);
      const next = /<(.*)>/.exec(first.headers['link'] ?? '')?.[1] ?? '';
      const second = await send(running.now.service, job, 'get', next);
      expect([first.body, second.body].map(({ length }: unknown[]) => length)).to.deep.equal([
        2, 1,
      ]);
      expect(second.headers).not.to.have.property('link');
    }
  });

  for (const [what, path, body, pointer] of [
    [
      'an end that is past',
      '/locks',
      { scope: {}, reason: 'x', expires_at: '2020-01-01T00:00:00Z' },
      '#/expires_at',
    ],
    [
      'no instant',
      '/locks',
      { scope: {}, reason: 'x', expires_at: '2027-02-30T00:00:00Z' },
      '#/expires_at',
    ],
    ['a blank reason', '/locks', { scope: {}, reason: ' ' }, '#/reason'],
    [
      'a glob that could take long',
      '/locks',
      { scope: { name: '**/**' }, reason: 'x' },
      '#/scope/name',
    ],
    [
      'a zone that is none',
      '/freezes',
      {
        scope: {},
        reason: 'x',
        time_zone: 'Europe/Nowhere',
        starts: '2030-01-01T00:00',
        ends: '2030-01-02T00:00',
      },
      '#/time_zone',
    ],
    [
      'an end before the start',
      '/freezes',
      {
        scope: {},
        reason: 'x',
        time_zone: 'Etc/UTC',
        starts: '2030-01-02T00:00',
        ends: '2030-01-01T00:00',
      },
      '#/ends',
    ],
    [
      'a rule that is none',
      '/freezes',
      {
        scope: {},
        reason: 'x',
        time_zone: 'Etc/UTC',
        starts: '2030-01-01T00:00',
        ends: '2030-01-02T00:00',
        rrule: 'FREQ=SOMETIMES',
      },
      '#/rrule',
    ],
    [
      'what is over',
      '/freezes',
      {
        scope: {},
        reason: 'x',
        time_zone: 'Etc/UTC',
        starts: '2020-01-01T00:00',
        ends: '2020-01-02T00:00',
      },
      '#/ends',
    ],
  ] as const) {
    it(`refuse ${what}, by name, and keep nothing`, async () => {
      const response = await call(mona, 'post', path, body);
      expectProblem(response, 422, 'contract-violation');
      expect(response.body.errors[0].pointer).to.equal(pointer);
      expect((await call(mona, 'get', path)).body).to.deep.equal([]);
    });
  }

  it('go by the clocks of their time zone, whose changes move no end', async () => {
    await created<Schemas['Freeze']>('/freezes', {
      scope: { environment: 'production' },
      reason: 'weekends',
      time_zone: 'Europe/Berlin',
      starts: '2030-03-01T18:00',
      ends: '2030-03-04T06:00',
      rrule: 'FREQ=WEEKLY;BYDAY=FR',
    });
    const span = 'from=2030-03-22T00:00:00Z&to=2030-04-08T00:00:00Z';
    const { body } = await call(job, 'get', `/freezes/occurrences?${span}`);
    const stretches = (body as Schemas['FreezeOccurrence'][]).map((one) => [
      one.starts_at,
      one.ends_at,
    ]);
    expect(stretches).to.deep.equal([
      ['2030-03-22T17:00:00.000Z', '2030-03-25T05:00:00.000Z'],
      ['2030-03-29T17:00:00.000Z', '2030-04-01T04:00:00.000Z'],
      ['2030-04-05T16:00:00.000Z', '2030-04-08T04:00:00.000Z'],
    ]);
    for (const minute of [0, 1, 2]) {
      await created<Schemas['Freeze']>('/freezes', {
        scope: { name: 'nightly' },
        reason: 'nights',
        time_zone: 'Etc/UTC',
        starts: `2031-01-01T00:0${minute}`,
        ends: '2031-01-01T06:00',
        rrule: 'FREQ=DAILY',
      });
    }
    for (const wrong of [
      'from=2031-01-01T00:00:00Z&to=2032-01-01T00:00:00Z',
      'from=2030-01-01T00:00:00Z&to=2032-01-01T00:00:00Z',
      'from=2030-01-02T00:00:00Z&to=2030-01-01T00:00:00Z',
    ]) {
      expectProblem(
        await call(job, 'get', `/freezes/occurrences?${wrong}`),
        422,
        'contract-violation',
      );
    }
  });

  describe('are a calendar that programs subscribe to', () => {
    const read = (url: string) => supertest(running.now.service.apiUrl).get(url);

    /** The freezes of a calendar, by what they are called. */
    const summaries = (text: string): string[] =>
      new ICAL.Component(ICAL.parse(text) as unknown[])
        .getAllSubcomponents('vevent')
        .map((event) => String(event.getFirstPropertyValue('summary')));

    it('with a token that may do nothing else, until it is deleted', async () => {
      await freeze(60 * 60_000);
      await freeze(60 * 60_000, { scope: { environment: 'staging' }, reason: 'größe, 🚀;' });
      const made = await call(mona, 'post', '/freezes/calendars', {
        scope: { environment: 'production' },
      });
      expect(made.status, made.text).to.equal(201);
      const { calendar, url } = made.body as Schemas['CreatedFreezeCalendar'];
      const answer = await read(url);
      expect(answer.status).to.equal(200);
      expect(answer.headers).to.include({ 'content-type': 'text/calendar; charset=utf-8' });
      expect(summaries(answer.text)).to.deep.equal(['Freeze: holidays']);
      await read(url).set('If-None-Match', String(answer.headers['etag'])).expect(304);
      const all = (await call(mona, 'post', '/freezes/calendars')).body;
      expect(summaries((await read(all.url)).text)).to.include('Freeze: größe, 🚀;');

      const token = new URL(url, 'http://localhost').searchParams.get('token') ?? '';
      expectProblem(await call({ token, organisation }, 'get', '/locks'), 401, 'unauthenticated');
      const listed = await call(job, 'get', '/freezes/calendars');
      expect(listed.body[0]).to.deep.equal(calendar);
      expect(JSON.stringify(listed.body)).not.to.contain(token.slice(-43));
      const gone = await call(mona, 'delete', `/freezes/calendars/${calendar.id}`);
      expect(gone.status).to.equal(204);
      expect((await read(url)).status).to.equal(401);
      expectProblem(
        await call(mona, 'delete', `/freezes/calendars/${calendar.id}`),
        404,
        'calendar-not-found',
      );
    });

    it('with no token but its own', async () => {
      const { url } = (await call(mona, 'post', '/freezes/calendars')).body as { url: string };
      for (const other of [
        '/freezes.ics',
        `${url}x`,
        url.replace(/token=[\w-]+/, 'token=b3RoZXI'),
      ]) {
        const { status, body } = await read(other);
        expect([status, body.type]).to.deep.equal([
          401,
          'urn:problem-type:deployment-queue:unauthenticated',
        ]);
      }
    });

    it('not for who may not lock there', async () => {
      await call(owner, 'put', '/policies/all', {
        scope: {},
        rules: [{ who: { person: { role: 'admin' } }, may: ['lock'] }],
      });
      expectProblem(await call(mona, 'post', '/freezes/calendars'), 403, 'forbidden');
    });
  });
});
