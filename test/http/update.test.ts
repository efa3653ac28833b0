import { expect } from 'chai';
import type { Deployment, DeploymentEvent } from '../../src/domain/deployments/deployment.js';
import { attemptAfter } from '../../src/domain/deployments/lifecycle.js';
import { expectProblem, runService } from '../support/http.js';
import { lifeTable, statuses, wayTo } from '../support/life-table.js';

describe('updateDeployment', () => {
  const running = runService();

  const patch = (id: string, body: object) =>
    running.service.api
      .patch(`/v1/deployments/${id}`)
      .set('X-Organisation', running.tenant.organisation)
      .send(body);

  const events = async (id: string) =>
    (
      await running.service.api
        .get(`/v1/deployments/${id}/events`)
        .set('X-Organisation', running.tenant.organisation)
        .expect(200)
    ).body as DeploymentEvent[];

  for (const from of statuses) {
    const allowed = statuses.filter((to) => lifeTable[from][to] === 'yes');

    for (const to of statuses) {
      const cell = lifeTable[from][to];
      if (cell === 'same') {
        it(`repeats ${from} without changing anything`, async () => {
          const before = await running.tenant.create({}, ...wayTo[from]);
          const history = await events(before.id);
          expect((await patch(before.id, { status: to }).expect(200)).body).to.deep.equal(before);
          expect(await events(before.id)).to.deep.equal(history);
        });
      } else if (cell === 'yes') {
        it(`moves ${from} to ${to}`, async () => {
          const before = await running.tenant.create({}, ...wayTo[from]);
          const after = (await patch(before.id, { status: to }).expect(200)).body as Deployment;
          const { updated_at: at } = after;
          expect(after).to.deep.equal({
            ...before,
            ...attemptAfter(before, to, at),
            status: to,
            updated_at: at,
          });
          expect(at >= before.updated_at).to.equal(true);
          expect(await running.tenant.get(before.id)).to.deep.equal(after);
          expect((await events(before.id)).at(-1)).to.deep.include({
            type: 'changed',
            occurred_at: at,
            from_status: from,
            to_status: to,
            changed: ['status'],
            cause: 'request',
          });
        });
      } else {
        it(`refuses to move ${from} to ${to}, and says what is allowed`, async () => {
          const before = await running.tenant.create({}, ...wayTo[from]);
          const history = await events(before.id);
          const response = await patch(before.id, { status: to, notes: 'lost' });
          expectProblem(response, 409, 'transition-not-allowed', /; allowed: /);
          const [said, named = ''] = String(response.body.detail).split('; allowed: ');
          expect(said).to.equal(`A deployment that is ${from} cannot become ${to}`);
          expect(named.split(', ')).to.have.members(allowed);
          expect(await running.tenant.get(before.id)).to.deep.equal(before);
          expect(await events(before.id)).to.deep.equal(history);
        });
      }
    }
  }

  it('tells when an attempt began, when it ended and when it was deployed last', async () => {
    const { id } = await running.tenant.create();
    const at: Record<string, string> = {};
    const step = async (status: Deployment['status']) => {
      const after = await running.tenant.move(id, status);
      at[status] = after.updated_at;
      const { started_at: started, finished_at: finished, deployed_at: deployed } = after;
      return { started, finished, deployed };
    };
    const none = { started: null, finished: null, deployed: null };
    expect(await step('in_progress')).to.deep.equal({ ...none, started: at['in_progress'] });
    const begun = at['in_progress'];
    expect(await step('failed')).to.deep.equal({ ...none, started: begun, finished: at['failed'] });
    expect(await step('in_progress')).to.deep.equal({ ...none, started: at['in_progress'] });
    const attempt = { started: at['in_progress'] };
    const over = await step('deployed');
    expect(over).to.deep.equal({ ...attempt, finished: at['deployed'], deployed: at['deployed'] });
    expect(await step('failed')).to.deep.equal(over);
    expect(await step('scheduled')).to.deep.equal({ ...none, deployed: over.deployed });
    expect(await step('cancelled')).to.deep.equal({ ...none, deployed: over.deployed });
  });

  it('changes notes and deployment_uri alone, to null as well, each with an event', async () => {
    const before = await running.tenant.create({ notes: 'old' });
    const uri = 'https://example.com/run/1';
    const first = await patch(before.id, { deployment_uri: uri }).expect(200);
    expect(first.body).to.include({ notes: 'old', deployment_uri: uri, status: 'scheduled' });
    const second = await patch(before.id, { notes: null, deployment_uri: null }).expect(200);
    expect(second.body).to.include({ notes: null, deployment_uri: null });
    const third = await patch(before.id, { notes: 'n', status: 'in_progress' }).expect(200);
    // Nothing changes, and nothing is told.
    await patch(before.id, { notes: 'n', deployment_uri: null, status: 'in_progress' }).expect(200);
    const told = (await events(before.id)).map(
      ({ revision, type, occurred_at: at, from_status: from, to_status: to, changed }) => [
        ...[revision, type, at, from, to],
        ...changed,
      ],
    );
    expect(told).to.deep.equal([
      [1, 'registered', before.created_at, null, 'scheduled'],
      [2, 'changed', first.body.updated_at, 'scheduled', 'scheduled', 'deployment_uri'],
      [3, 'changed', second.body.updated_at, 'scheduled', 'scheduled', 'notes', 'deployment_uri'],
      [4, 'changed', third.body.updated_at, 'scheduled', 'in_progress', 'status', 'notes'],
    ]);
  });

  it('answers 400 to a PATCH with nothing in it', async () => {
    const { id } = await running.tenant.create();
    expectProblem(await patch(id, {}), 400, 'nothing-to-update', 'No fields to update');
  });

  it('accepts an id in upper case, and answers with it in lower case', async () => {
    const { id } = await running.tenant.create();
    const response = await patch(id.toUpperCase(), { status: 'deployed' }).expect(200);
    expect(response.body.id).to.equal(id);
  });

  it('refuses fields that cannot be changed, by name', async () => {
    const { id } = await running.tenant.create();
    const response = await patch(id, { version: '2', status: 'deployed' });
    const detail =
      '#/version is not a known field; allowed: status, notes, deployment_uri, override';
    expectProblem(response, 422, 'contract-violation', detail);
    expect((await running.tenant.get(id)).status).to.equal('scheduled');
  });

  describe('with If-Match', () => {
    it('makes the change when the ETag is the present one, or any is named', async () => {
      const { id } = await running.tenant.create();
      const read = await running.service.api
        .get(`/v1/deployments/${id}`)
        .set('X-Organisation', running.tenant.organisation);
      const etag = read.headers['etag'] ?? '';
      const changed = await patch(id, { status: 'in_progress' })
        .set('If-Match', `"other", ${etag}`)
        .expect(200);
      expect(changed.headers['etag']).to.match(/^"2-/);
      await patch(id, { status: 'deployed' }).set('If-Match', '*').expect(200);
    });

    it('answers 412 with the present ETag when the deployment has changed, and changes nothing', async () => {
      const { id } = await running.tenant.create({}, 'in_progress');
      const response = await patch(id, { status: 'deployed' }).set('If-Match', '"1-abc"');
      expectProblem(response, 412, 'precondition-failed', /its ETag is now "2-[0-9a-z]+"$/);
      expect(response.body.detail).to.include(response.headers['etag']);
      expect((await running.tenant.get(id)).status).to.equal('in_progress');
    });

    it('takes an ETag that a proxy made weak, or gave a suffix, for the same', async () => {
      const { id } = await running.tenant.create();
      let { headers } = await patch(id, { notes: 'x' }).expect(200);
      for (const change of ['W/"$"', '"$-gzip"', '"$;br"', 'W/"$--gzip"']) {
        const tag = change.replace('$', headers['etag']?.slice(1, -1) ?? '');
        ({ headers } = await patch(id, { notes: change }).set('If-Match', tag).expect(200));
        const lost = await patch(id, { notes: 'late' }).set('If-Match', tag);
        expectProblem(lost, 412, 'precondition-failed');
      }
    });

    it('answers 422 to one that is not quoted', async () => {
      const { id } = await running.tenant.create();
      const response = await patch(id, { notes: 'y' }).set('If-Match', '1-abc');
      expectProblem(
        response,
        422,
        'contract-violation',
        /^If-Match must be \*, or a list of quoted/,
      );
    });
  });
});

describe('getDeployment', () => {
  const running = runService();

  it('answers 304 without a body while the ETag is the same, and 200 after a change', async () => {
    const { id } = await running.tenant.create();
    const get = (etag?: string) => {
      const request = running.service.api
        .get(`/v1/deployments/${id}`)
        .set('X-Organisation', running.tenant.organisation);
      return etag === undefined ? request : request.set('If-None-Match', etag);
    };
    const first = await get().expect(200);
    const etag = first.headers['etag'] ?? '';
    const unchanged = await get(etag).expect(304);
    expect(unchanged.text).to.equal('');
    expect(unchanged.headers['etag']).to.equal(etag);
    await running.tenant.move(id, 'deployed');
    expect((await get(etag).expect(200)).body.status).to.equal('deployed');
  });

  it('answers 304 to fetch, which tells caches on the way not to answer', async () => {
    const { id, organisation } = await running.tenant.create();
    const get = (headers: Record<string, string> = {}) =>
      fetch(`${running.service.apiUrl}/v1/deployments/${id}`, {
        headers: { 'X-Organisation': organisation, ...headers },
      });
    const etag = (await get()).headers.get('etag') ?? '';
    // Sent with `Cache-Control: no-cache`, as the Fetch Standard wants it.
    expect((await get({ 'If-None-Match': etag })).status).to.equal(304);
  });

  it('answers HEAD as GET without the body', async () => {
    const { id } = await running.tenant.create();
    const response = await running.service.api
      .head(`/v1/deployments/${id}`)
      .set('X-Organisation', running.tenant.organisation)
      .expect(200);
    expect(response.headers['etag']).to.match(/^"1-/);
    expect(Number(response.headers['content-length'])).to.be.greaterThan(500);
    expect(response.text).to.be.oneOf([undefined, '']);
  });
});
