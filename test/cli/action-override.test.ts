import { expect } from 'chai';
import { send } from '../support/authenticated-service.js';
import type { Method, Sender } from '../support/authenticated-service.js';
import { create, errorsOf, runJobs } from '../support/runner/job.js';

describe('the action, where a policy lets its job override,', () => {
  const jobs = runJobs();
  const { running, use, get } = jobs;
  const path = () => ({ PATH: process.env['PATH'] ?? '', RUNNER_TEMP: jobs.runner.workspace });
  const reason = 'The fix for the failover';
  const name = 'urgent';
  const register = { ...create, name };
  let token = '';
  let owner: Sender;

  async function call(sender: Sender, method: Method, where: string, body?: object) {
    const response = await send(running.now.service, sender, method, `/v1${where}`).send(body);
    expect(response.status, response.text).to.be.lessThan(300);
    return response.body as unknown;
  }

  before(async () => {
    const { issuer, gitHub } = running.now;
    token = issuer.sign();
    owner = {
      token: gitHub.addUser({
        login: 'olga',
        memberships: { acme: 'active' },
        roles: { acme: 'admin' },
      }),
      organisation: 'acme',
    };
    await call(owner, 'post', '/locks', { scope: { name }, reason: 'Failing over' });
    const who = { job: { repository: 'acme/shop', repository_id: '74' } };
    const may = ['register', 'start', 'report', 'override'];
    await call(owner, 'put', '/policies/urgent', { scope: { name }, rules: [{ who, may }] });
  });

  /** How a deployment was started, and what was closed then. */
  async function startOf(id: string | undefined): Promise<unknown> {
    const events = (await call({ token }, 'get', `/deployments/${id ?? ''}/events`)) as Record<
      'to_status' | 'cause' | 'reason',
      string
    >[];
    const started = events.find(({ to_status: status }) => status === 'in_progress');
    return started && { cause: started.cause, reason: started.reason };
  }
  const overridden = { cause: 'override', reason };

  it('starts by run though a gate is closed, and its event says why', async () => {
    const inputs = { ...register, command: '', version: 'run', run: 'echo rolled out' };
    const step = await use({ ...inputs, override: reason }, path());
    expect(step.code, step.log).to.equal(0);
    expect(step.log).to.include('rolled out');
    expect(step.commands.filter(({ command }) => command === 'notice')).to.deep.equal([]);
    expect(step.outputs).to.include({ status: 'deployed' });
    expect(await startOf(step.outputs['deployment_id'])).to.deep.equal(overridden);
  });

  it('starts by start, and the steps that follow go on under its lease', async () => {
    const inputs = { ...register, command: '', version: 'start', start: 'true' };
    // Who renews asks for tokens of its own meanwhile, so nobody counts them here.
    const environment = { ...jobs.environment(), ...path() };
    const step = await jobs.runner.use({ ...inputs, override: reason }, environment, 'success');
    expect(step.code, step.log).to.equal(0);
    const { deployment_id: id } = step.outputs;
    expect(await startOf(id)).to.deep.equal(overridden);
    expect((await step.post('success')).code).to.equal(0);
    expect(await get(id)).to.include({ status: 'deployed' });
  });

  for (const [command, more] of [
    ['release', {}],
    ['update-status', { status: 'in_progress' }],
  ] as const) {
    it(`starts by ${command}, which is refused without`, async () => {
      const { outputs } = await use({ ...register, version: command });
      const id = outputs['deployment_id'] ?? '';
      const refused = await use({ command, id, ...more });
      expect(refused.code).to.equal(5);
      expect(errorsOf(refused)[0]).to.match(/a lock of olga is closed.*Failing over/);
      const step = await use({ command, id, ...more, override: reason });
      expect(step.code, step.log).to.equal(0);
      expect(step.outputs).to.include({ status: 'in_progress' });
      expect(await startOf(id)).to.deep.equal(overridden);
      await step.post('failure');
    });
  }
});
