import { expect } from 'chai';
import type { Deployment } from '../../src/domain/deployments/deployment.js';
import { expectProblem, runService } from '../support/http.js';

type Status = Deployment['status'];
const statuses: readonly Status[] = ['scheduled', 'in_progress', 'deployed', 'failed', 'skipped'];

/** The design's table: what each status may become beside itself. */
const allowed: Record<Status, readonly Status[]> = {
  scheduled: ['in_progress', 'deployed', 'failed', 'skipped'],
  in_progress: ['scheduled', 'deployed', 'failed', 'skipped'],
  failed: ['scheduled', 'in_progress', 'deployed', 'skipped'],
  skipped: ['scheduled'],
  deployed: ['failed'],
};

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
    ).body as unknown[];

  for (const from of statuses) {
    for (const to of statuses) {
      if (from === to) {
        it(`repeats ${from} without changing anything`, async () => {
          const before = await running.tenant.create({}, ...(from === 'scheduled' ? [] : [from]));
          const history = await events(before.id);
          expect((await patch(before.id, { status: to }).expect(200)).body).to.deep.equal(before);
          expect(await events(before.id)).to.deep.equal(history);
        });
      } else if (allowed[from].includes(to)) {
        it(`moves ${from} to ${to}`, async () => {
          const before = await running.tenant.create({}, ...(from === 'scheduled' ? [] : [from]));
          const after = (await patch(before.id, { status: to }).expect(200)).body as Deployment;
          expect(after).to.deep.equal({ ...before, status: to, updated_at: after.updated_at });
          expect(after.updated_at >= before.updated_at).to.equal(true);
          expect(await running.tenant.get(before.id)).to.deep.equal(after);
          expect((await events(before.id)).at(-1)).to.deep.include({
            occurred_at: after.updated_at,
            from_status: from,
            to_status: to,
            cause: 'request',
          });
        });
      } else {
        it(`refuses to move ${from} to ${to}, and says what is allowed`, async () => {
          const before = await running.tenant.create({}, ...(from === 'scheduled' ? [] : [from]));
          const response = await patch(before.id, { status: to, notes: 'lost' });
          expectProblem(
            response,
            409,
            'transition-not-allowed',
            `A deployment that is ${from} cannot become ${to}; allowed: ${allowed[from].join(', ')}`,
          );
          expect(await running.tenant.get(before.id)).to.deep.equal(before);
        });
      }
    }
  }

  it('changes notes and deployment_uri alone, to null as well, without an event', async () => {
    const before = await running.tenant.create({ notes: 'old' });
    const uri = 'https://example.com/run/1';
    const first = await patch(before.id, { deployment_uri: uri }).expect(200);
    expect(first.body).to.include({ notes: 'old', deployment_uri: uri, status: 'scheduled' });
    const second = await patch(before.id, { notes: null, deployment_uri: null }).expect(200);
    expect(second.body).to.include({ notes: null, deployment_uri: null });
    expect(await events(before.id)).to.have.length(1);
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
    const detail = '#/version is not a known field; allowed: status, notes, deployment_uri';
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
