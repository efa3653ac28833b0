import { expect } from 'chai';
import { deploymentBody } from '../support/deployments.js';
import { startTestService } from '../support/service.js';

/** Expects two processes on one PostgreSQL to hand a turn over from one to the other. */
export async function handsOver(database: Record<string, string>): Promise<void> {
  const settings = { STORE: 'postgres', ...database };
  const [one, other] = await Promise.all([startTestService(settings), startTestService(settings)]);
  try {
    const ids: string[] = [];
    for (const version of ['1', '2']) {
      const { body } = await one.api.post('/v1/deployments').send(deploymentBody({ version }));
      ids.push((body as { id: string }).id);
    }
    const [first = '', second = ''] = ids;
    const held = await one.api
      .post(`/v1/deployments/${first}/claim`)
      .send({ wait_seconds: 0, lease_seconds: 600 });
    expect(held.status).to.equal(200);
    const { token } = (held.body as { lease: { token: string } }).lease;
    const waiting = other.api
      .post(`/v1/deployments/${second}/claim`)
      .send({ wait_seconds: 50, lease_seconds: 60 })
      .then((response) => response);
    const done = await one.api
      .patch(`/v1/deployments/${first}`)
      .set('Lease-Token', token)
      .send({ status: 'deployed' });
    expect(done.status).to.equal(200);
    expect((await waiting).status).to.equal(200);
  } finally {
    await Promise.all([one.stop(), other.stop()]);
  }
}
