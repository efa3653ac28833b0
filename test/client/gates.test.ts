import { expect } from 'chai';
import { ProblemError } from '../../src/client/client.js';
import type { QueuePosition } from '../../src/client/client.js';
import { rejection, runBehindGateway } from '../support/client.js';
import { reset } from '../support/faults.js';
import { until } from '../support/until.js';

describe('the client, for gates,', () => {
  const through = runBehindGateway();
  const tenant = () => through.running.tenant;
  const production = { scope: { environment: 'production' }, reason: 'Failing over' };
  const loseOne = () => {
    through.gateway.after.set(reset(), { times: 1 });
  };
  const eventsOf = async (id: string) =>
    (await through.client().listDeploymentEvents(id)).events.map(({ cause, reason }) => [
      cause,
      reason,
    ]);

  it('places, reads, lists and releases locks, over all pages', async () => {
    const client = through.client();
    const first = await client.createLock(production);
    expect(first.lock).to.deep.include({ ...production, expires_at: null, allow: ['rollback'] });
    expect(await client.getLock(first.lock.id)).to.deep.equal(first.lock);
    const second = await client.createLock({ scope: {}, reason: 'Load test', allow: [] });
    const ids: string[] = [];
    for await (const { id } of client.listAllLocks({ limit: 1 })) ids.push(id);
    expect(ids).to.deep.equal([first.lock.id, second.lock.id]);
    await client.releaseLock(first.lock.id, { reason: 'It is back' });
    const gone = await rejection(client.getLock(first.lock.id), ProblemError);
    expect(gone).to.include({ type: 'urn:problem-type:deployment-queue:lock-not-found' });
    const events: unknown[] = [];
    for await (const { type, reason } of client.listAllGateEvents({ limit: 1 })) {
      events.push([type, reason]);
    }
    expect(events).to.deep.equal([
      ['lock.created', 'Failing over'],
      ['lock.created', 'Load test'],
      ['lock.released', 'It is back'],
    ]);
  });

  it('creates, lists and deletes freezes, and says when they are closed', async () => {
    const client = through.client();
    const holidays = {
      ...{ scope: { environment: 'production' }, reason: 'Holidays', time_zone: 'Europe/Berlin' },
      ...{ starts: '2030-12-23T18:00', ends: '2031-01-07T08:00' },
    };
    const { freeze } = await client.createFreeze(holidays);
    const all: string[] = [];
    for await (const { id } of client.listAllFreezes({ limit: 1 })) all.push(id);
    expect(all).to.deep.equal([freeze.id]);
    const span = { from: '2030-12-01T00:00:00Z', to: '2031-02-01T00:00:00Z' };
    const [stretch, ...others] = await client.listFreezeOccurrences(span);
    expect(others).to.deep.equal([]);
    expect(stretch).to.include({
      ...{ freeze_id: freeze.id, reason: 'Holidays' },
      ...{ starts_at: '2030-12-23T17:00:00.000Z', ends_at: '2031-01-07T07:00:00.000Z' },
    });
    await client.deleteFreeze(freeze.id);
    expect(await client.listFreezeOccurrences(span)).to.deep.equal([]);
  });

  it('makes, lists and deletes calendars of freezes', async () => {
    const client = through.client();
    const { calendar, url } = await client.createFreezeCalendar({ scope: production.scope });
    expect(url).to.match(/^\/freezes\.ics\?token=/);
    expect(await client.listFreezeCalendars()).to.deep.equal([calendar]);
    loseOne();
    await client.deleteFreezeCalendar(calendar.id);
    const error = await rejection(client.deleteFreezeCalendar(calendar.id), ProblemError);
    expect(error.type).to.equal('urn:problem-type:deployment-queue:calendar-not-found');
    loseOne();
    const again = await client.createFreezeCalendar();
    const left = (await client.listFreezeCalendars()).map(({ id }) => id);
    expect(left).to.have.length(2).and.include(again.calendar.id);
  });

  it('places one lock and releases it once though responses get lost', async () => {
    const client = through.client();
    loseOne();
    const { lock, replayed } = await client.createLock(production);
    expect(replayed).to.equal(true);
    expect((await client.listLocks()).locks).to.have.length(1);
    loseOne();
    await client.releaseLock(lock.id);
    const error = await rejection(client.releaseLock(lock.id), ProblemError);
    expect(error.status).to.equal(404);
  });

  it('says which gates refuse a start', async () => {
    const client = through.client();
    const { lock } = await client.createLock(production);
    const { id } = await tenant().create();
    const refused = await rejection(
      client.updateDeployment(id, { status: 'in_progress' }),
      ProblemError,
    );
    expect(refused.type).to.equal('urn:problem-type:deployment-queue:gate-closed');
    expect(refused.problem.blocked_by?.map(({ gate_id }) => gate_id)).to.deep.equal([lock.id]);
  });

  it('waits before a gate until it opens', async () => {
    const client = through.client();
    const { lock } = await client.createLock(production);
    const { id } = await tenant().create();
    const told: QueuePosition[] = [];
    const waiting = client.claimWhenReady(id, { onWaiting: (one) => told.push(one) });
    await until('it is told', () => told.length > 0);
    expect(told[0]?.blocked_by[0]).to.include({ kind: 'lock', gate_id: lock.id });
    await client.releaseLock(lock.id);
    expect((await waiting).deployment).to.include({ id, status: 'in_progress' });
  });

  it('overrides gates with a reason, by a claim and by a change, also when a response got lost', async () => {
    const client = through.client();
    await client.createLock(production);
    const override = { reason: 'The fix' };
    const claimed = await tenant().create({ cell: 'a' });
    loseOne();
    await client.claimWhenReady(claimed.id, { override });
    expect(await eventsOf(claimed.id)).to.deep.include(['override', 'The fix']);
    const changed = await tenant().create({ cell: 'b' });
    const { etag } = await client.getDeployment(changed.id);
    loseOne();
    const { deployment } = await client.updateDeployment(
      changed.id,
      { status: 'in_progress', override },
      { ifMatch: etag },
    );
    expect(deployment).to.include({ status: 'in_progress' });
    expect(await eventsOf(changed.id)).to.deep.include(['override', 'The fix']);
  });

  it('approves and rejects once, though responses get lost', async () => {
    const client = through.client();
    await client.putEnvironment('production', { required_approvals: 1 });
    const { id } = await tenant().create();
    loseOne();
    const approved = await client.approveDeployment(id, { reason: 'Looked at it' });
    expect(approved.deployment.approvals.map(({ reason }) => reason)).to.deep.equal([
      'Looked at it',
    ]);
    loseOne();
    const rejected = await client.rejectDeployment(id, { reason: 'Not tried' });
    expect(rejected.deployment).to.include({ status: 'cancelled' });
    expect(await eventsOf(id)).to.deep.equal([
      ['request', null],
      ['approval', 'Looked at it'],
      ['rejection', 'Not tried'],
    ]);
    const again = await rejection(client.rejectDeployment(id), ProblemError);
    expect(again.type).to.equal('urn:problem-type:deployment-queue:approval-not-allowed');
  });
});
