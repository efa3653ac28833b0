import { expect } from 'chai';
import type { components } from '../../generated/openapi.js';
import { send } from '../support/authenticated-service.js';
import { job, mona, owner, runGated } from '../support/gated.js';
import { expectProblem } from '../support/http.js';

type Schemas = components['schemas'];

/** What others' users complain of, and what else gates promise, as a caller meets it. */
describe('gates', () => {
  const gated = runGated();
  const { call, claim, events, freeze, lastEvent, lock, patch, register, running, waiting } = gated;

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
      const first = await send(running.now.service, gated.senderOf(job), 'get', path);
      const next = /<(.*)>/.exec(first.headers['link'] ?? '')?.[1] ?? '';
      const second = await send(running.now.service, gated.senderOf(job), 'get', next);
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
});
