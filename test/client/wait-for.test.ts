import { expect } from 'chai';
import {
  ConnectionFailed,
  ProblemError,
  SettledOtherwise,
  WaitTimedOut,
} from '../../src/client/client.js';
import type { DeploymentStatus } from '../../src/client/client.js';
import { rejection, runBehindGateway } from '../support/client.js';
import { hang, reset, serverError } from '../support/faults.js';
import { until } from '../support/until.js';

describe('waitFor', () => {
  const through = runBehindGateway();
  const tenant = () => through.running.tenant;
  /** Waits with short intervals, and acts whenever a change has been seen. */
  const wait = (
    id: string,
    statuses: readonly DeploymentStatus[],
    options: Parameters<ReturnType<typeof through.client>['waitFor']>[2] = {},
  ) =>
    through.client({ retry: { attempts: 2 } }).waitFor(id, statuses, { intervalMs: 5, ...options });

  it('resolves to the deployment once it is in one of the statuses', async () => {
    const { id } = await tenant().create();
    const seen: string[] = [];
    const steps: DeploymentStatus[] = ['in_progress', 'deployed'];
    const onChange = ({ status }: { status: DeploymentStatus }) => {
      seen.push(status);
      const next = steps.shift();
      if (next !== undefined) void tenant().move(id, next);
    };
    const deployment = await wait(id, ['deployed', 'failed'], { onChange });
    expect(deployment).to.deep.equal(await tenant().get(id));
    expect(seen).to.deep.equal(['scheduled', 'in_progress', 'deployed']);
  });

  it('looks once when it is in one of them already, whatever it rests in', async () => {
    const { id } = await tenant().create({}, 'skipped');
    expect((await wait(id, ['skipped'])).id).to.equal(id);
    expect(through.gateway.seen).to.have.length(1);
  });

  it('asks for a deployment only if it has changed', async () => {
    const { id } = await tenant().create();
    const waiting = wait(id, ['deployed']);
    await until('it has looked some times', () => through.gateway.seen.length >= 4);
    await tenant().move(id, 'deployed');
    await waiting;
    const [first, ...others] = through.gateway.seen;
    expect(first?.headers).not.to.have.property('if-none-match');
    for (const { headers } of others) expect(headers['if-none-match']).to.match(/^"1-/);
  });

  for (const status of ['deployed', 'failed', 'skipped', 'cancelled'] as const) {
    it(`does not wait on when the deployment has come to rest as ${status}`, async () => {
      const { id } = await tenant().create({}, status);
      const error = await rejection(wait(id, ['in_progress', 'scheduled']), SettledOtherwise);
      expect(error.message).to.equal(
        `Deployment ${id} is ${status}, and stays so until somebody changes it; waited for in_progress or scheduled`,
      );
      expect(error).to.include({ code: 'settled_otherwise', retryable: false });
      expect(error.deployment).to.include({ id, status });
    });
  }

  it('waits for the retry of one that failed when it is told to', async () => {
    const { id } = await tenant().create({}, 'failed');
    const onChange = ({ status }: { status: DeploymentStatus }) => {
      if (status === 'failed') void tenant().move(id, 'deployed');
    };
    const deployment = await wait(id, ['deployed'], { giveUpOn: ['skipped'], onChange });
    expect(deployment.status).to.equal('deployed');
  });

  it('says where the deployment stood when its timeout is over', async () => {
    const { id } = await tenant().create({}, 'in_progress');
    const error = await rejection(wait(id, ['deployed'], { timeoutMs: 1000 }), WaitTimedOut);
    expect(error.message).to.equal(
      `Deployment ${id} is still in_progress after 1 s; waited for deployed`,
    );
    expect(error).to.include({ code: 'wait_timed_out', retryable: true });
    expect(error.deployment).to.include({ id, status: 'in_progress' });
  });

  it('rides out a service that goes away after the first look', async () => {
    const { id } = await tenant().create();
    let faults = 0;
    const onChange = ({ status }: { status: DeploymentStatus }) => {
      if (status !== 'scheduled') return;
      const gone = [reset(), serverError(503), reset(), serverError(502), reset()];
      for (const fault of [...gone, serverError(500), serverError(504), reset()]) {
        through.gateway.before.set(fault, { times: 1 });
        faults += 1;
      }
      void tenant().move(id, 'deployed');
    };
    expect((await wait(id, ['deployed'], { onChange })).status).to.equal('deployed');
    expect(through.gateway.seen).to.have.length(faults + 2);
  });

  it('rides out a look that nobody responds to', async () => {
    const { id } = await tenant().create();
    const onChange = ({ status }: { status: DeploymentStatus }) => {
      if (status !== 'scheduled') return;
      through.gateway.before.set(hang(), { times: 1 });
      void tenant().move(id, 'deployed');
    };
    const client = through.client({ timeoutMs: 300 });
    const options = { intervalMs: 5, timeoutMs: 50_000, onChange };
    expect((await client.waitFor(id, ['deployed'], options)).status).to.equal('deployed');
  });

  it('says what went wrong last when the service did not come back', async () => {
    const { id } = await tenant().create();
    const onChange = () => {
      through.gateway.before.set(reset());
    };
    const error = await rejection(
      wait(id, ['deployed'], { onChange, timeoutMs: 1000 }),
      WaitTimedOut,
    );
    expect(error.deployment).to.include({ status: 'scheduled' });
    expect(error.cause).to.be.instanceOf(ConnectionFailed);
  });

  it('fails at once when the first look does, since the address may be wrong', async () => {
    through.gateway.before.set(reset());
    const { id } = await tenant().create();
    await rejection(wait(id, ['deployed']), ConnectionFailed);
  });

  it('fails at once when there is no such deployment', async () => {
    const id = '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f';
    expect((await rejection(wait(id, ['deployed']), ProblemError)).status).to.equal(404);
  });

  it('ends with the reason when it is aborted', async () => {
    const { id } = await tenant().create();
    const controller = new AbortController();
    const reason = new Error('enough');
    const call = wait(id, ['deployed'], {
      signal: controller.signal,
      onChange: () => {
        controller.abort(reason);
      },
    });
    expect(await rejection(call, Error)).to.equal(reason);
  });

  it('wants at least one status', async () => {
    const error = await rejection(wait('id', []), TypeError);
    expect(error.message).to.equal('waitFor: name at least one status');
  });
});
