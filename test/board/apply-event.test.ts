import { expect } from 'chai';
import { createClient, noCredentials } from '../../src/client/client.js';
import { emptyBoard, reduce } from '../../src/board/state/board.js';
import type { Board } from '../../src/board/state/board.js';
import { placeKey } from '../../src/board/state/place.js';
import type { Deployment, DeploymentStatus } from '../../src/domain/deployments/deployment.js';
import { runService } from '../support/http.js';
import { brief, event, row } from './support/rows.js';

/** What happens to versions of one place, in turn: registered, and then moved. */
const histories: Readonly<
  Record<string, readonly (readonly [version: string, DeploymentStatus?])[]>
> = {
  'a first rollout': [['1'], ['1', 'in_progress'], ['1', 'deployed']],
  'a second one': [['1', 'deployed'], ['2'], ['2', 'in_progress'], ['2', 'deployed']],
  'deployed at once, over others that wait': [['1'], ['2'], ['3'], ['3', 'deployed']],
  'one that fails, and its retry': [
    ...([
      ['1', 'deployed'],
      ['2', 'in_progress'],
      ['2', 'failed'],
    ] as const),
    ...([
      ['2', 'scheduled'],
      ['2', 'in_progress'],
      ['2', 'deployed'],
    ] as const),
  ],
  'found bad later': [
    ['1', 'deployed'],
    ['1', 'failed'],
  ],
  'put back': [
    ['1', 'deployed'],
    ['2', 'in_progress'],
    ['2', 'scheduled'],
  ],
  'cancelled before it began, and re-opened': [
    ['1', 'deployed'],
    ['2'],
    ['2', 'cancelled'],
    ['2', 'scheduled'],
  ],
  'cancelled while it runs': [
    ['1', 'deployed'],
    ['2', 'in_progress'],
    ['2', 'cancelled'],
  ],
  'skipped, and un-skipped': [['1'], ['1', 'skipped'], ['1', 'scheduled']],
  'failed before it began': [
    ['1', 'deployed'],
    ['2', 'failed'],
  ],
  'two at once': [
    ['1', 'in_progress'],
    ['2', 'in_progress'],
    ['1', 'deployed'],
    ['2', 'failed'],
  ],
};

describe('what the board shows of an event, before it has asked', () => {
  const running = runService();

  for (const [what, steps] of Object.entries(histories)) {
    it(`is what the service says then: ${what}`, async () => {
      const { tenant, service } = running;
      const credentials = noCredentials(tenant.organisation);
      const client = createClient({ url: service.apiUrl, credentials });
      const byVersion = new Map<string, Deployment>();
      let board: Board = emptyBoard;
      let heard = 0;
      /** Tells the board what has happened since, whatever did it. */
      const tell = async () => {
        const { events, position } = await client.listEvents({ after: heard });
        heard = position;
        board = reduce(board, { type: 'events', events });
      };
      for (const [version, status] of steps) {
        const deployment = byVersion.get(version) ?? (await tenant.create({ version }));
        byVersion.set(version, deployment);
        await tell();
        if (status !== undefined) await tenant.move(deployment.id, status);
        await tell();

        const { rows } = await client.listCurrent();
        const [theirs] = rows;
        const [ours] = board.rows.values();
        const essence = (of: typeof ours) => ({
          current: of?.current && [of.current.id, of.current.status],
          instants: of?.current && [
            of.current.started_at,
            of.current.finished_at,
            of.current.deployed_at,
          ],
          in_progress: of?.in_progress.map(({ id, version: its }) => [id, its]),
          waiting: of?.waiting.count,
          created_at: of?.current?.created_at,
        });
        expect(essence(ours), `${version} ${status ?? ''}`).to.deep.equal(essence(theirs));
      }
    });
  }
});

describe('what the board knows', () => {
  const key = placeKey(row());
  const loaded = reduce(emptyBoard, { type: 'loaded', rows: [row()] });

  it('keeps a row that says the same, so that it is not drawn again', () => {
    const again = reduce(loaded, { type: 'loaded', rows: [row()] });
    expect(again.rows.get(key)).to.equal(loaded.rows.get(key));
    const other = reduce(loaded, { type: 'loaded', rows: [row({ current: null })] });
    expect(other.rows.get(key)).not.to.equal(loaded.rows.get(key));
  });

  it('forgets a row that the service does not have any more', () => {
    const basket = row({ name: 'basket' });
    const two = reduce(loaded, { type: 'page', rows: [basket] });
    expect(two.rows.size).to.equal(2);
    expect(reduce(two, { type: 'loaded', rows: [basket] }).rows.has(key)).to.be.false;
    const gone = reduce(two, { type: 'place', place: row(), rows: [] });
    expect([...gone.rows.keys()]).to.deep.equal([placeKey(basket)]);
  });

  it('takes an event once, however often it is told', () => {
    const registered = event({ from_status: null, to_status: 'scheduled', deployment_id: 'n' });
    const once = reduce(loaded, { type: 'events', events: [registered] });
    expect(once.rows.get(key)?.waiting.count).to.equal(1);
    expect(reduce(once, { type: 'events', events: [registered] })).to.equal(once);
  });

  it('has its events the newest first, also where positions grow by a digit', () => {
    const events = [9, 10, 2, 100].map((position) => event({ position }));
    const { events: kept } = reduce(emptyBoard, { type: 'history', events });
    expect(kept.map(({ position }) => position)).to.deep.equal([100, 10, 9, 2]);
  });

  it('keeps a bounded number of events', () => {
    const events = Array.from({ length: 1000 }, (_, nth) => event({ position: nth }));
    const { events: kept } = reduce(emptyBoard, { type: 'events', events });
    expect(kept).to.have.length(400);
    expect(kept[0]?.position).to.equal(999);
  });

  it('drops a rollback that waits no more', () => {
    const rollback = { ...brief({ id: 'r' }), trigger: 'rollback' } as unknown as Deployment;
    const waiting = reduce(loaded, { type: 'rollbacks', rollbacks: [rollback] });
    const begun = event({ deployment_id: 'r', from_status: 'scheduled', to_status: 'in_progress' });
    expect(reduce(waiting, { type: 'events', events: [begun] }).rollbacks).to.deep.equal([]);
  });

  it('forgets where a deployment stood that has moved on', () => {
    const position = {
      ...{
        position: 1,
        waiting_since: null,
        blocked_by: [],
        holders: [],
        estimated_start_at: null,
      },
    };
    const known = reduce(loaded, { type: 'queue', id: 'n', position });
    const noted = event({ deployment_id: 'n', from_status: 'scheduled', to_status: 'scheduled' });
    expect(reduce(known, { type: 'events', events: [noted] }).queue.has('n')).to.be.true;
    const begun = event({ deployment_id: 'n', from_status: 'scheduled', to_status: 'in_progress' });
    expect(reduce(known, { type: 'events', events: [begun] }).queue.has('n')).to.be.false;
  });

  it('counts a hundred as many', () => {
    const many = reduce(emptyBoard, {
      type: 'loaded',
      rows: [row({ waiting: { count: 100, next: null } })],
    });
    const begun = event({ from_status: 'scheduled', to_status: 'in_progress' });
    const after = reduce(many, { type: 'events', events: [begun] });
    expect(after.rows.get(key)?.waiting.count).to.equal(100);
  });
});
