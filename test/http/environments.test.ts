import { expect } from 'chai';
import type { Response } from 'supertest';
import { startTestService } from '../support/service.js';
import type { TestService } from '../support/service.js';

describe('environments', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  const path = '/v1/environments/Production';

  it('have what holds by default until somebody sets them, and are then as they were sent', async () => {
    const before = await service.api.get(path).expect(200);
    expect(before.body).to.deep.equal({
      environment: 'production',
      order: 'newest',
      exclusive: 'taxonomy',
      max_running: 1,
      buffer_seconds: 0,
      queue_ttl_seconds: null,
      max_hold_seconds: null,
      unleased_hold_seconds: 3600,
      lease_required: false,
      required_approvals: 0,
      updated_at: null,
    });
    const put = await service.api
      .put(path)
      .send({ order: 'oldest', max_hold_seconds: 600 })
      .expect(200);
    expect(put.body).to.include({
      order: 'oldest',
      max_hold_seconds: 600,
      environment: 'production',
    });
    const after = await service.api.get(path).expect(200);
    expect(after.body).to.deep.equal(put.body);
    expect(after.headers['etag']).to.equal(put.headers['etag']);
    await service.api.get(path).set('If-None-Match', String(put.headers['etag'])).expect(304);
    await service.api
      .put(path)
      .set('If-Match', String(before.headers['etag']))
      .send({})
      .expect(412);
    const replaced = await service.api
      .put(path)
      .set('If-Match', String(put.headers['etag']))
      .send({});
    expect(replaced.body).to.include({ order: 'newest', max_hold_seconds: null });
  });

  it('are listed by name, in pages, once they are set', async () => {
    const long = '\u{1f680}'.repeat(255);
    for (const name of ['a b', 'b/c', 'ü', long, '\u{1f681}']) {
      await service.api
        .put(`/v1/environments/${encodeURIComponent(name)}`)
        .send({})
        .expect(200);
      await service.api
        .put(`/v1/environments/${encodeURIComponent(name)}`)
        .send({ buffer_seconds: 1 })
        .expect(200);
    }
    const names: string[] = [];
    let next: string | undefined = '/v1/environments?limit=1';
    while (next !== undefined) {
      const response: Response = await service.api.get(next).expect(200);
      names.push(...(response.body as { environment: string }[]).map((one) => one.environment));
      next = /<([^>]*)>/.exec(response.headers['link'] ?? '')?.[1];
    }
    expect(names).to.deep.equal(['a b', 'b/c', 'production', 'ü', long, '\u{1f681}']);
  });

  for (const [body, pointer] of [
    [{ order: 'random' }, '#/order'],
    [{ max_running: 0 }, '#/max_running'],
    [{ buffer_seconds: -1 }, '#/buffer_seconds'],
    [{ max_hold_seconds: 1 }, '#/max_hold_seconds'],
    [{ required_approvals: 11 }, '#/required_approvals'],
  ] as const) {
    it(`refuse ${JSON.stringify(body)} by name`, async () => {
      const response = await service.api.put(path).send(body).expect(422);
      expect((response.body as { errors: { pointer: string }[] }).errors[0]?.pointer).to.equal(
        pointer,
      );
    });
  }
});
