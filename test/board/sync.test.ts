import { expect } from 'chai';
import { createClient, noCredentials, ProblemError } from '../../src/client/client.js';
import type { DeploymentQueueClient } from '../../src/client/client.js';
import { feedOf } from '../../src/board/live.js';
import { boardPace, paced } from '../../src/board/pace.js';
import { emptyBoard, reduce } from '../../src/board/state/board.js';
import type { Board } from '../../src/board/state/board.js';
import { placeOf } from '../../src/board/state/place.js';
import { BoardSync } from '../../src/board/sync.js';
import { rejection } from '../support/client.js';
import { runService } from '../support/http.js';

/** A board that follows a service, and what it has come to. */
interface Follower {
  readonly sync: BoardSync;
  readonly ended: Promise<unknown>;
  /** Waits until the board is as it is to be. */
  readonly until: (isSo: (board: Board) => boolean) => Promise<Board>;
  stop(): void;
}

function follow(client: DeploymentQueueClient, gatesEveryMs = 3_600_000): Follower {
  let board = emptyBoard;
  let look = (): void => undefined;
  const sync = new BoardSync({
    client,
    feed: feedOf(client, (isOpen) => {
      board = { ...board, liveness: { state: isOpen ? 'live' : 'connecting' } };
      look();
    }),
    dispatch: (action) => {
      board = reduce(board, action);
      look();
    },
    pace: { burst: 1000, perSecond: 1000 },
    gatesEveryMs,
  });
  const stopped = new AbortController();
  return {
    sync,
    ended: sync.run(stopped.signal),
    until: (isSo) =>
      new Promise((resolve) => {
        look = () => {
          if (isSo(board)) resolve(board);
        };
        look();
      }),
    stop: () => {
      stopped.abort();
    },
  };
}

describe('the board, while it follows the service', () => {
  const running = runService();
  const clientOf = (organisation = running.tenant.organisation) =>
    createClient({ url: running.service.apiUrl, credentials: noCredentials(organisation) });
  let follower: Follower | undefined;
  const start = (client = clientOf(), gatesEveryMs?: number) => {
    follower = follow(client, gatesEveryMs);
    // It rejects when it is stopped.
    follower.ended.catch(() => undefined);
    return follower;
  };
  afterEach(() => follower?.stop());

  it('has what is there, all pages of it, and what happened before', async () => {
    const { tenant } = running;
    for (let nth = 0; nth < 120; nth += 1) await tenant.create({ name: `c${nth}` });
    const board = await start().until(
      ({ isLoaded, liveness }) => isLoaded && liveness.state === 'live',
    );
    expect(board.rows.size).to.equal(120);
    expect(board.events).to.have.length(120);
  });

  it('has what happens, and soon the row as the service has it', async () => {
    const { tenant } = running;
    const { until } = start();
    await until(({ isLoaded }) => isLoaded);
    const { id } = await tenant.create({ commit_sha: 'c0ffee' }, 'in_progress');
    // An event does not tell the commit.
    const board = await until(
      ({ rows }) => [...rows.values()][0]?.current?.commit_sha === 'c0ffee',
    );
    const [row] = board.rows.values();
    expect(row).to.deep.equal((await clientOf().listCurrent()).rows[0]);
    expect(
      board.events.map(({ deployment_id, to_status }) => [deployment_id, to_status]),
    ).to.deep.equal([
      [id, 'in_progress'],
      [id, 'scheduled'],
    ]);
  });

  it('comes to what the service has, after many changes in many places', async () => {
    const { tenant } = running;
    const { until } = start();
    await until(({ isLoaded }) => isLoaded);
    await Promise.all(
      Array.from({ length: 40 }, (_, nth) =>
        tenant.create({ name: `c${nth}`, commit_sha: 'c0ffee' }, 'in_progress', 'deployed'),
      ),
    );
    const board = await until(
      ({ rows }) =>
        rows.size === 40 &&
        [...rows.values()].every(
          ({ current }) => current?.status === 'deployed' && current.commit_sha === 'c0ffee',
        ),
    );
    const theirs = [];
    for await (const row of clientOf().listAllCurrent()) theirs.push(row);
    expect([...board.rows.values()]).to.have.deep.members(theirs);
  });

  it('knows of the rollbacks that wait, also of those that come', async () => {
    const { tenant } = running;
    await tenant.create({ version: '1' }, 'deployed');
    await tenant.create({ version: '2' }, 'deployed');
    const { until } = start();
    await until(({ isLoaded }) => isLoaded);
    const rollback = await tenant.rollback();
    const board = await until(({ rollbacks }) => rollbacks.length === 1);
    expect(board.rollbacks[0]?.id).to.equal(rollback.id);
    await tenant.move(rollback.id, 'cancelled');
    await until(({ rollbacks }) => rollbacks.length === 0);
  });

  it('looks up the places in queues that are shown, and again when something moves there', async () => {
    const { tenant } = running;
    const runs = await tenant.create({ version: '1' }, 'in_progress');
    const waits = await tenant.create({ version: '2' });
    const client = clientOf();
    await client.claimDeployment(waits.id);
    const { until, sync } = start(client);
    sync.want([{ id: waits.id, environment: 'production' }]);
    const board = await until(({ queue }) => queue.has(waits.id));
    expect(board.queue.get(waits.id)?.blocked_by[0]).to.include({ kind: 'running' });
    await tenant.move(runs.id, 'deployed');
    await until(({ queue }) => queue.get(waits.id)?.blocked_by.length === 0);
  });

  it('goes on where the place in a queue is asked for of what is gone', async () => {
    const { until, sync } = start();
    sync.want([{ id: '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f', environment: 'production' }]);
    await until(({ isLoaded }) => isLoaded);
    await running.tenant.create({ commit_sha: 'c0ffee' });
    await until(({ rows }) => [...rows.values()][0]?.waiting.next?.commit_sha === 'c0ffee');
  });

  it('looks up how a deployment has failed, of which no event tells', async () => {
    const { id } = await running.tenant.create({}, 'in_progress', 'failed');
    const { until, sync } = start();
    await until(({ isLoaded }) => isLoaded);
    sync.explain([id, '019b8d3f-5a40-7c3e-8f21-6a5b4c3d2e1f']);
    const { failures } = await until(({ failures: known }) => known.size > 0);
    expect(failures.get(id)).to.include({ cause: 'request', to_status: 'failed' });
  });

  it('has the locks and freezes, all pages of them', async () => {
    const client = clientOf();
    await client.createLock({ scope: { name: 'checkout' }, reason: 'Incident' });
    await client.createFreeze({
      ...{ scope: {}, reason: 'For ever', time_zone: 'Etc/UTC' },
      ...{ starts: '2026-01-01T00:00', ends: '2026-12-31T00:00', rrule: 'FREQ=YEARLY' },
    });
    const { gates } = await start().until(({ gates: known }) => known.locks.length > 0);
    expect(gates.locks).to.deep.equal((await client.listLocks()).locks);
    expect(gates.freezes.map(({ reason }) => reason)).to.deep.equal(['For ever']);
  });

  it('reads locks and freezes again and again, since no event tells of them', async () => {
    const client = clientOf();
    const { until } = start(client, 50);
    await until(({ isLoaded }) => isLoaded);
    const { lock } = await client.createLock({ scope: {}, reason: 'Incident' });
    await until(({ gates }) => gates.locks.length === 1);
    await client.releaseLock(lock.id);
    await until(({ gates }) => gates.locks.length === 0);
  });

  it('looks up what waits again when something was closed or opened', async () => {
    const client = clientOf();
    const { id } = await running.tenant.create();
    const { until, sync } = start(client, 50);
    sync.want([{ id, environment: 'production' }]);
    const kinds = (queue: Board['queue']) => queue.get(id)?.blocked_by.map(({ kind }) => kind);
    await until(({ queue }) => kinds(queue)?.length === 0);
    const { lock } = await client.createLock({ scope: {}, reason: 'Incident' });
    await until(({ queue }) => kinds(queue)?.join() === 'lock');
    await client.releaseLock(lock.id);
    await until(({ queue }) => kinds(queue)?.length === 0);
  });

  it('reads none while nobody sees them, and at once when somebody does, or has changed one', async () => {
    const client = clientOf();
    let asked = 0;
    const counting: DeploymentQueueClient = {
      ...client,
      listAllLocks: (...parameters) => {
        asked += 1;
        return client.listAllLocks(...parameters);
      },
    };
    const { until, sync } = start(counting, 50);
    sync.see(false);
    await until(({ isLoaded }) => isLoaded);
    const before = asked;
    await client.createLock({ scope: {}, reason: 'Incident' });
    await running.tenant.create({ commit_sha: 'c0ffee' });
    await until(({ rows }) => [...rows.values()][0]?.waiting.next?.commit_sha === 'c0ffee');
    expect(asked).to.equal(before);
    sync.see(true);
    await until(({ gates }) => gates.locks.length === 1);

    follower?.stop();
    const other = start(client);
    await other.until(({ isLoaded, gates }) => isLoaded && gates.locks.length === 1);
    await client.createLock({ scope: {}, reason: 'Another' });
    other.sync.refreshGates();
    await other.until(({ gates }) => gates.locks.length === 2);
  });

  it('knows what waits for approval: what was there, what comes, and what was decided', async () => {
    const { tenant } = running;
    const client = clientOf();
    await client.putEnvironment('production', { required_approvals: 1 });
    const first = await tenant.create({ name: 'first' });
    await tenant.create({ name: 'elsewhere', environment: 'staging' });
    const { until } = start(client);
    const names = (count: number) =>
      until(({ unapproved }) => unapproved.length === count).then(({ unapproved }) =>
        unapproved.map(({ deployment: { name }, required }) => `${name} ${required}`),
      );
    expect(await names(1)).to.deep.equal(['first 1']);
    const second = await tenant.create({ name: 'second' });
    expect(await names(2)).to.deep.equal(['second 1', 'first 1']);
    await client.approveDeployment(first.id);
    expect(await names(1)).to.deep.equal(['second 1']);
    await client.rejectDeployment(second.id, { reason: 'Not today' });
    expect(await names(0)).to.deep.equal([]);
    await tenant.move(second.id, 'scheduled');
    expect(await names(1)).to.deep.equal(['second 1']);
  });

  it('reads a place again when it is asked to', async () => {
    const deployment = await running.tenant.create({}, 'deployed');
    let asked = 0;
    const client = clientOf();
    const counting: DeploymentQueueClient = {
      ...client,
      listAllCurrent: (...parameters) => {
        asked += 1;
        return client.listAllCurrent(...parameters);
      },
    };
    const { until, sync } = start(counting);
    await until(({ isLoaded }) => isLoaded);
    sync.refresh(placeOf(deployment));
    await until(() => asked === 1);
  });

  it('of one organisation knows nothing of another', async () => {
    const other = createClient({
      url: running.service.apiUrl,
      credentials: noCredentials('another'),
    });
    const watching = follow(other);
    watching.ended.catch(() => undefined);
    try {
      await watching.until(({ isLoaded, liveness }) => isLoaded && liveness.state === 'live');
      await running.tenant.create({}, 'deployed');
      const { deployment } = await other.createDeployment({
        ...{ name: 'own', version: '1', environment: 'production', provider: 'gcp', type: 'k8s' },
      });
      const board = await watching.until(({ events }) => events.length > 0);
      expect(board.events.map(({ deployment_id }) => deployment_id)).to.deep.equal([deployment.id]);
      expect([...board.rows.values()].map(({ name }) => name)).to.deep.equal(['own']);
    } finally {
      watching.stop();
    }
  });

  it('ends with what the service refuses', async () => {
    const refused = createClient({
      url: running.service.apiUrl,
      // What the client lets through, and the service does not.
      credentials: { headers: () => Promise.resolve({ 'X-Organisation': 'no spaces' }) },
    });
    const { status } = await rejection(start(refused).ended, ProblemError);
    expect(status).to.be.within(400, 422);
  });
});

describe('the pace of the board', () => {
  it('lets so much through at once, and then so much a second', async () => {
    let now = 0;
    const turn = paced({ burst: 3, perSecond: 1000 }, () => now);
    const { signal } = new AbortController();
    const waits = async (): Promise<boolean> => {
      let isThrough = false;
      const waiting = turn(signal).then(() => (isThrough = true));
      await Promise.resolve();
      await Promise.resolve();
      const waited = !isThrough;
      await waiting;
      return waited;
    };
    expect([await waits(), await waits(), await waits(), await waits()]).to.deep.equal([
      ...[false, false, false, true],
    ]);
    now += 1000;
    expect(await waits()).to.be.false;
  });

  it('leaves most of what an organisation may ask to others', () => {
    // 50 requests a second, of which twenty boards may take less than a half.
    expect(boardPace.perSecond * 20).to.be.lessThan(25);
  });

  it('ends its wait when nobody wants to know any more', async () => {
    const turn = paced({ burst: 1, perSecond: 0.001 });
    const ended = new AbortController();
    await turn(ended.signal);
    const waiting = turn(ended.signal);
    ended.abort(new Error('left'));
    expect((await rejection(waiting, Error)).message).to.equal('left');
  });
});
