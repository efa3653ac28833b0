import { expect } from 'chai';
import { ClaimTimedOut, LeaseLost, ProblemError } from '../../src/client/client.js';
import type { QueuePosition } from '../../src/client/client.js';
import { rejection, runBehindGateway } from '../support/client.js';
import { reset, serverError } from '../support/faults.js';
import { until } from '../support/until.js';

describe('the queue of the client', () => {
  const through = runBehindGateway();
  const tenant = () => through.running.tenant;
  const client = () => through.client({ retry: { attempts: 2 } });
  const claims = () => through.gateway.seen.filter(({ path }) => path.endsWith('/claim'));
  const renewals = () => through.gateway.seen.filter(({ method }) => method === 'PUT');

  /** Two deployments of one thing, of which the first runs. */
  async function oneRuns() {
    const first = await tenant().create();
    const second = await tenant().create({ version: '2' });
    const running = await client().claimWhenReady(first.id);
    return { first, second, running };
  }
  const standsOf = async (id: string): Promise<number | null> =>
    (await client().getQueuePosition(id)).position;

  describe('claimWhenReady', () => {
    it('starts a deployment whose turn it is with one call', async () => {
      const { id } = await tenant().create();
      const { deployment, lease } = await client().claimWhenReady(id, { leaseSeconds: 120 });
      expect(deployment).to.include({ id, status: 'in_progress' });
      const left = Date.parse(lease.expires_at) - Date.parse(deployment.started_at ?? '');
      expect(left).to.equal(120_000);
      expect(claims()).to.have.length(1);
    });

    it('tells what it waits for, and goes on when that is over', async () => {
      const { first, second, running } = await oneRuns();
      const told: QueuePosition[] = [];
      const waiting = client().claimWhenReady(second.id, { onWaiting: (one) => told.push(one) });
      await until('it is told', () => told.length > 0);
      expect(told[0]).to.include({ position: 1 });
      expect(told[0]?.blocked_by[0]).to.include({ kind: 'running', deployment_id: first.id });
      const leaseToken = running.lease.token;
      await client().updateDeployment(first.id, { status: 'failed' }, { leaseToken });
      expect((await waiting).deployment.id).to.equal(second.id);
    });

    it('gets the lease of a response that was lost', async () => {
      const { id } = await tenant().create();
      through.gateway.after.set(reset(), { times: 1 });
      const { replayed, lease } = await client().claimWhenReady(id);
      expect(replayed).to.equal(true);
      await client().renewLease(id, { leaseToken: lease.token });
    });

    it('goes on while the service is out of reach, once it has responded', async () => {
      const { first, second, running } = await oneRuns();
      const waiting = client().claimWhenReady(second.id, {
        onWaiting: () => {
          through.gateway.before.set(serverError(503));
        },
      });
      const before = claims().length;
      await until('it has been tried some times', () => claims().length > before + 5);
      through.gateway.before.clear();
      const leaseToken = running.lease.token;
      await client().updateDeployment(first.id, { status: 'failed' }, { leaseToken });
      expect((await waiting).deployment.id).to.equal(second.id);
    });

    it('ends at once when the service never responds', async () => {
      const { id } = await tenant().create();
      through.gateway.before.set(serverError(503));
      await rejection(client().claimWhenReady(id), Error);
      expect(claims()).to.have.length(2);
    });

    it('ends when a newer one was deployed, and says which', async () => {
      const first = await tenant().create();
      const newer = await tenant().create({ version: '2' });
      await tenant().move(newer.id, 'in_progress');
      let told = (): void => undefined;
      const isTold = new Promise<void>((resolve) => (told = resolve));
      const waiting = rejection(
        client().claimWhenReady(first.id, {
          onWaiting: () => {
            told();
          },
        }),
        ProblemError,
      );
      await isTold;
      await tenant().move(newer.id, 'deployed');
      const error = await waiting;
      expect(error.type).to.match(/:claim-superseded$/);
      expect(error.message).to.include(newer.id);
    });

    it('leaves the queue when the time is over, and says where it stood', async () => {
      const { second } = await oneRuns();
      const error = await rejection(
        client().claimWhenReady(second.id, { timeoutMs: 100 }),
        ClaimTimedOut,
      );
      expect(error.position).to.include({ position: 1 });
      await until('nobody waits', async () => (await standsOf(second.id)) === null);
      expect(await tenant().get(second.id)).to.include({ status: 'scheduled' });
    });

    it('leaves the queue when it is aborted, also between two claims', async () => {
      const { second } = await oneRuns();
      const controller = new AbortController();
      const position = await client().getQueuePosition(second.id);
      const fault = (retryAfter: number) =>
        ({
          kind: 'answer',
          status: 202,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ ...position, position: 1, retry_after: retryAfter }),
        }) as const;
      through.gateway.after.set(fault(1), { times: 1 });
      // The service goes on waiting for half a minute unless it is told by the end of the connection.
      through.gateway.before.set(fault(1), { times: 1, matches: () => claims().length > 2 });
      let told = 0;
      const waiting = client()
        .claimWhenReady(second.id, {
          signal: controller.signal,
          onWaiting: () => {
            told += 1;
            if (told < 2) return;
            setImmediate(() => {
              controller.abort(new Error('enough'));
            });
          },
        })
        .catch((error: unknown) => error);
      expect(await waiting).to.include({ message: 'enough' });
      await until('nobody waits', async () => (await standsOf(second.id)) === null);
    });

    it('gives back what it got in the moment in which it was aborted', async () => {
      const { id } = await tenant().create();
      const controller = new AbortController();
      through.gateway.after.set({ kind: 'hang' }, { times: 1 });
      const waiting = client()
        .claimWhenReady(id, { signal: controller.signal })
        .catch((error: unknown) => error);
      await until('it has begun', async () => (await tenant().get(id)).status === 'in_progress');
      controller.abort(new Error('enough'));
      expect(await waiting).to.include({ message: 'enough' });
      expect(await tenant().get(id)).to.include({ status: 'scheduled' });
    });
  });

  describe('holdLease', () => {
    it('renews until it is stopped, and leaves the lease as it is', async () => {
      const { running } = await oneRuns();
      const held = await client().holdLease(running, { leaseSeconds: 3 });
      await until('it has renewed some times', () => renewals().length > 1);
      await held.stop();
      expect(held.lost.aborted).to.equal(false);
      expect(held.remainingMs()).to.be.within(0, 3_000);
      await client().renewLease(running.deployment.id, { leaseToken: running.lease.token });
    });

    for (const [what, fault] of [
      ['connections break', reset()],
      ['the service is away', serverError(503)],
    ] as const) {
      it(`is lost when it cannot be renewed until it ends, since ${what}`, async () => {
        const { running } = await oneRuns();
        const held = await client().holdLease(running, { leaseSeconds: 0.4 });
        through.gateway.before.set(fault);
        await until('it is lost', () => held.lost.aborted);
        expect(held.lost.reason).to.be.instanceOf(LeaseLost);
        // A timer may be early by a millisecond.
        expect(held.remainingMs()).to.be.at.most(1);
        await held.stop();
      });
    }

    it('rides out what is shorter than the lease', async () => {
      const { running } = await oneRuns();
      const held = await client().holdLease(running, { leaseSeconds: 30 });
      through.gateway.before.set(reset(), { times: 5 });
      const again = await client().holdLease(running, { leaseSeconds: 30 });
      expect([held.lost.aborted, again.lost.aborted]).to.deep.equal([false, false]);
      await Promise.all([held.stop(), again.stop()]);
    });

    it('counts as lost so early that there is time to stop, a third of the lease at the most', async () => {
      const { running } = await oneRuns();
      const held = await client().holdLease(running, { leaseSeconds: 1.5, marginMs: 100_000 });
      through.gateway.before.set(serverError(503));
      const left = await new Promise<number>((resolve) => {
        held.lost.addEventListener('abort', () => {
          resolve(held.remainingMs());
        });
      });
      // A timer may be a millisecond or two early.
      expect(left).to.be.within(1, 505);
      await held.stop();
    });

    it('is lost when somebody cancels, and keeps the place until it is told', async () => {
      const { running, second } = await oneRuns();
      const held = await client().holdLease(running, { leaseSeconds: 4.5 });
      const selector = { name: 'checkout', version: running.deployment.version };
      await client().cancelDeployments({ selector, expected_count: 1 });
      await until('it is lost', () => held.lost.aborted);
      expect(held.lost.reason)
        .to.have.property('message')
        .that.matches(/it is cancelled$/);
      await held.stop();
      const waiting = await client().claimDeployment(second.id);
      expect(waiting.claimed).to.equal(false);
      const { id } = running.deployment;
      await rejection(client().renewLease(id, { leaseToken: running.lease.token }), ProblemError);
      expect((await client().claimDeployment(second.id)).claimed).to.equal(true);
    });

    it('is lost at once where it was lost before', async () => {
      const { running } = await oneRuns();
      const { id } = running.deployment;
      await client().updateDeployment(
        id,
        { status: 'failed' },
        { leaseToken: running.lease.token },
      );
      const held = await client().holdLease(running);
      expect(held.lost.reason).to.be.instanceOf(LeaseLost);
      await held.stop();
    });

    it('ends with the environment, which may let it end sooner', async () => {
      await client().putEnvironment('production', { max_hold_seconds: 10 });
      const { running } = await oneRuns();
      const held = await client().holdLease(running);
      expect(held.remainingMs()).to.be.within(1, 10_000);
      await held.stop();
    });
  });

  it('takes an outcome for reported whose response was lost', async () => {
    const { running } = await oneRuns();
    const { id } = running.deployment;
    through.gateway.after.set(reset(), { times: 1 });
    const leaseToken = running.lease.token;
    const { deployment } = await client().updateDeployment(
      id,
      { status: 'deployed' },
      { leaseToken },
    );
    expect(deployment).to.include({ id, status: 'deployed' });
  });
});
