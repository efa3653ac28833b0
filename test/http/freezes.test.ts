import { expect } from 'chai';
import ICAL from 'ical.js';
import supertest from 'supertest';
import type { components } from '../../generated/openapi.js';
import { deploymentBody } from '../support/deployments.js';
import { job, mona, owner, runGated } from '../support/gated.js';
import { expectProblem } from '../support/http.js';

type Schemas = components['schemas'];
type Deployment = Schemas['Deployment'];

/** What others' users complain of, and what else freezes and their calendars promise, as a caller meets it. */
describe('freezes', () => {
  const gated = runGated();
  const { call, claim, created, freeze, patch, register, running } = gated;

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
      expectProblem(
        await call({ token, organisation: gated.organisation }, 'get', '/locks'),
        401,
        'unauthenticated',
      );
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
