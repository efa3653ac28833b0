import { expect } from 'chai';
import { send } from '../support/authenticated-service.js';
import { serverError, slow } from '../support/faults.js';
import { startGateway } from '../support/gateway.js';
import { create, errorsOf, runJobs } from '../support/runner/job.js';
import { until } from '../support/until.js';

describe('the action reports after the job what a step has begun:', () => {
  const { running, use, get } = runJobs();

  /** Registers and releases, as a job does that then fails or is cancelled. */
  async function release(
    inputs: Readonly<Record<string, string>> = {},
    environment: Readonly<Record<string, string>> = {},
  ) {
    registered += 1;
    const version = `report-${registered}`;
    const { outputs } = await use({ ...create, version });
    const id = outputs['deployment_id'] ?? '';
    const step = await use({ command: 'release', id, ...inputs }, environment);
    expect(step.code).to.equal(0);
    return { id, step };
  }
  let registered = 0;
  const statusOf = async (id: string) => (await get(id))['status'];

  for (const [job, status] of [
    ['failure', 'failed'],
    ['cancelled', 'cancelled'],
  ] as const) {
    it(`it is ${status} when the job is ${job}`, async () => {
      const { id, step } = await release();
      const after = await step.post(job);
      expect(after).to.include({ code: 0 });
      expect(after.summary).to.match(new RegExp(`^- Reported .*: ${status} `));
      expect(await statusOf(id)).to.equal(status);
    });
  }

  it('also where update-status has begun it', async () => {
    const { outputs } = await use({ ...create, version: 'report-update' });
    const id = outputs['deployment_id'] ?? '';
    const step = await use({ command: 'update-status', id, status: 'in_progress' });
    await step.post('failure');
    expect(await statusOf(id)).to.equal('failed');
  });

  it('nothing in a job that went well, which may leave it to another', async () => {
    const { id, step } = await release();
    expect(await step.post('success')).to.deep.include({ code: 0, log: '', commands: [] });
    expect(await statusOf(id)).to.equal('in_progress');
  });

  it('nothing when the step says so', async () => {
    const { id, step } = await release({ report: 'false' });
    expect(await step.post('failure')).to.deep.include({ code: 0, log: '', commands: [] });
    expect(await statusOf(id)).to.equal('in_progress');
  });

  it('nothing when its outcome has been reported', async () => {
    const { id, step } = await release();
    await use({ command: 'update-status', id, status: 'deployed' });
    const after = await step.post('failure');
    expect(after.log).to.match(/is deployed: there is nothing left to report/);
    expect(await statusOf(id)).to.equal('deployed');
  });

  it('nothing of an attempt that somebody else has begun since', async () => {
    const { id, step } = await release();
    const sender = { token: running.now.issuer.sign() };
    for (const status of ['cancelled', 'scheduled', 'in_progress']) {
      const path = `/v1/deployments/${id}`;
      await send(running.now.service, sender, 'patch', path).send({ status }).expect(200);
    }
    expect(await step.post('cancelled')).to.include({ code: 0 });
    expect(await statusOf(id)).to.equal('in_progress');
  });

  it('nothing of a step that has begun nothing', async () => {
    const { outputs } = await use({ ...create, version: 'report-none' });
    const id = outputs['deployment_id'] ?? '';
    const step = await use({ command: 'wait', id, for: 'scheduled' });
    expect(await step.post('failure')).to.deep.include({ code: 0, log: '', commands: [] });
    expect(await statusOf(id)).to.equal('scheduled');
  });

  it('and says so when it cannot', async () => {
    const gateway = await startGateway(running.now.service.apiUrl);
    try {
      const { id, step } = await release({ url: gateway.url });
      gateway.before.set(serverError(503));
      const after = await step.post('failure');
      expect(after.code).to.equal(6);
      expect(errorsOf(after)).to.have.length(1);
      expect(await statusOf(id)).to.equal('in_progress');
    } finally {
      await gateway.stop();
    }
  });

  it('and sees a release through that a cancelled job interrupts', async () => {
    const gateway = await startGateway(running.now.service.apiUrl);
    try {
      const { outputs } = await use({ ...create, version: 'report-interrupted' });
      const id = outputs['deployment_id'] ?? '';
      gateway.after.set(slow(100), { times: 1 });
      const step = await use({ command: 'release', id, url: gateway.url }, {}, (child) => {
        void until('it is sent', () => gateway.seen.length > 0).then(() => child.kill('SIGINT'));
      });
      expect(step).to.include({ code: 0 });
      await step.post('cancelled');
      expect(await statusOf(id)).to.equal('cancelled');
    } finally {
      await gateway.stop();
    }
  });

  it('and does not make a cancelled job wait for a deployment', async () => {
    const { outputs } = await use({ ...create, version: 'report-waiting' });
    const id = outputs['deployment_id'] ?? '';
    const { code } = await use({ command: 'wait', id }, {}, (child) => {
      child.stderr?.on('data', (text: string) => {
        if (text.includes('is scheduled')) child.kill('SIGINT');
      });
    });
    expect(code).to.equal(130);
  });
});
