import { expect } from 'chai';
import type { ChangeSet } from '../../../src/domain/changes.js';
import type { StoredDeployment } from '../../../src/domain/deployments/deployment.js';
import { byRequest, recordEvent, sourceOf } from '../../../src/domain/deployments/events.js';
import { defaultEnvironment } from '../../../src/domain/environments/environment.js';
import {
  changingColumns,
  newEventColumns,
  toStored,
  toValues,
} from '../../../src/store/snowflake/deployments/rows.js';
import { tableKinds } from '../../../src/store/snowflake/options.js';
import type { TableKind } from '../../../src/store/snowflake/options.js';
import { requestsOf } from '../../../src/store/snowflake/request.js';
import { changeRemoval, responseRemoval } from '../../../src/store/snowflake/system.js';
import { changeStatements } from '../../../src/store/snowflake/write.js';
import { caller, instantOf, storedDeployment } from '../../support/stored.js';
import { rowOf } from './fakes.js';

const at = instantOf(9);
const created = storedDeployment(1);
const { id } = created.deployment;
const updated = storedDeployment(2, { revision: 4, status: 'deployed' });
const deployments = { created: [created], updated: [{ from: 3, to: updated, growth: 384 }] };
const read = toStored(rowOf(toValues(storedDeployment(3, { status: 'deployed' }), 'read-change')));
const eventOf = (stored = created) =>
  recordEvent(undefined, stored, byRequest, sourceOf(caller), at);
const eventAt = (revision: number) => {
  const recorded = eventOf(updated);
  return { ...recorded, event: { ...recorded.event, revision } };
};
const everything: ChangeSet = {
  deployments: { ...deployments, unchanged: [read] },
  response: { owner: 'o', key: 'k', fingerprint: 'f', at, deployment: created.deployment },
  events: [eventOf(updated), eventOf()],
  skipping: [{ deployed: updated, since: at }],
  doneSkipping: [{ id: created.deployment.id, since: at }],
  rolledBack: [read],
};

const verbs = (changes: ChangeSet): string[] =>
  changeStatements({ id: 'c', organisation: 'acme', changes }, 'hybrid').map(({ sql }) =>
    sql.trim().split(/\s+/, 3).join(' '),
  );

describe('the statements of a change', () => {
  it('have a place for each value, begin and commit, and hold no value themselves', () => {
    for (const kind of tableKinds) {
      const statements = changeStatements(
        { id: 'c', organisation: 'acme', changes: everything },
        kind,
      );
      expect(statements[0]?.sql).to.equal('BEGIN TRANSACTION');
      expect(statements.at(-1)?.sql).to.equal('COMMIT');
      for (const { sql, values } of statements) {
        expect(sql.split('?').length - 1).to.equal(values.length);
        expect(sql).not.to.include("'");
      }
    }
  });

  it('begin with what others may contend for', () => {
    expect(verbs(everything)).to.deep.equal([
      'BEGIN TRANSACTION',
      'UPDATE tenant_usage SET',
      'UPDATE remembered_responses SET',
      'UPDATE remembered_responses SET',
      'INSERT INTO remembered_responses',
      'UPDATE deployments SET',
      'INSERT INTO changes',
      'UPDATE deployments SET',
      'INSERT INTO deployments',
      'INSERT INTO deployment_events',
      'INSERT INTO deployment_events',
      'UPDATE skipping SET',
      'INSERT INTO skipping',
      'DELETE FROM skipping',
      'INSERT INTO rolled_back',
      'UPDATE tenant_usage SET',
      'INSERT INTO tenant_usage',
      'INSERT INTO changes',
      'COMMIT',
    ]);
  });

  it('take the lock first where keys are not enforced, and need there to be one', () => {
    const [, first, second] = changeStatements(
      { id: 'c', organisation: 'acme', changes: everything },
      'standard',
    );
    expect(first).to.deep.equal({ sql: 'UPDATE write_lock SET change_id = ?', values: ['c'] });
    expect(second).to.deep.equal({
      sql: 'SELECT 1 / COUNT(*) AS locked FROM write_lock WHERE change_id = ?',
      values: ['c'],
    });
  });

  it('take the state of a queue that they are made from by a key, where keys are enforced', () => {
    const stored = { ...defaultEnvironment('production'), revision: 1 };
    const taken = (changeId: string, from: number, kind: TableKind = 'hybrid') => {
      const to = { organisation: 'acme', stored, revision: from + 1, dueAt: null };
      const changes = { queue: { from, to, put: [], removed: [] } };
      return changeStatements({ id: changeId, organisation: 'acme', changes }, kind)
        .filter(({ sql }) => sql.includes('VALUES (?)'))
        .map(({ values }) => values);
    };
    expect(taken('a', 1)).to.have.length(1);
    expect(taken('a', 1)).to.deep.equal(taken('b', 1));
    expect(taken('a', 1)).not.to.deep.equal(taken('a', 2));
    expect(taken('a', 0)).to.deep.equal([]);
    expect(taken('a', 1, 'standard')).to.deep.equal([]);
  });

  it('record the change last, for exactly the rows that it wrote', () => {
    const record = changeStatements(
      { id: 'c', organisation: 'acme', changes: { deployments } },
      'hybrid',
    ).at(-2);
    const ids = [updated, created].map(({ deployment }) => deployment.id);
    expect(record?.sql).to.match(/INSERT INTO changes/);
    expect(record?.values).to.deep.equal(['c', 'c', ...ids, 'c', 2]);
  });

  it('need whoever has skipped all not to be skipping, nor to have been deployed since', () => {
    const done = { id: created.deployment.id, since: at };
    const statements = changeStatements(
      { id: 'c', organisation: 'acme', changes: { doneSkipping: [done] } },
      'hybrid',
    );
    const [, remove, record] = statements;
    expect(remove?.sql).to.match(/^DELETE FROM skipping WHERE deployment_id = \? AND since = \?/);
    expect(remove?.values).to.deep.equal([done.id, '2026-01-05 09:00:09.000']);
    expect(record?.sql).to.match(/FROM skipping WHERE deployment_id = \?\) = 0/);
    expect(record?.sql).to.match(/FROM deployments\s+WHERE id = \? AND deployed_at > \?/);
    expect(record?.values.slice(2)).to.deep.equal([done.id, done.id, '2026-01-05 09:00:09.000']);
  });

  it('take a key only from its owner, and not while everybody is answered under it', () => {
    const response = { owner: 'o', key: 'k', fingerprint: 'f', at, deployment: created.deployment };
    const record = changeStatements(
      { id: 'c', organisation: 'acme', changes: { response } },
      'hybrid',
    ).at(-2);
    const dayBefore = '2026-01-04 09:00:09.000';
    expect(record?.values).to.deep.equal([
      'c',
      'c',
      'acme',
      'k',
      'o',
      'c',
      'acme',
      'k',
      '*',
      dayBefore,
    ]);
  });

  it('refuse to note as rolled back from what has never been deployed', () => {
    const changes = { rolledBack: [created] };
    expect(() => changeStatements({ id: 'c', organisation: 'acme', changes }, 'hybrid')).to.throw(
      'never been deployed',
    );
  });

  it('count a deployment once that is changed and has to be as it was read', () => {
    const changes = {
      deployments: {
        updated: [{ from: 1, to: { ...read, revision: 2 }, growth: 0 }],
        unchanged: [read],
      },
    };
    const record = changeStatements({ id: 'c', organisation: 'acme', changes }, 'hybrid').at(-2);
    expect(record?.values).to.deep.equal(['c', 'c', read.deployment.id, 'c', 1]);
  });

  it('write what becomes the same together, and what differs by itself', () => {
    const many = Array.from({ length: 1_001 }, (_, nth) =>
      storedDeployment(nth, {
        ...{ updated_at: at, finished_at: at, revision: 2, status: 'skipped' },
        notes: nth === 1_000 ? 'by itself' : null,
      }),
    );
    const cause = { cause: 'auto_skip', deploymentId: id, reason: null } as const;
    const statements = changeStatements(
      {
        id: 'c',
        organisation: 'acme',
        changes: {
          deployments: { updated: many.map((to) => ({ from: 1, to, growth: 0 })) },
          events: many.map((to) => recordEvent(to, to, cause, sourceOf(caller), at)),
        },
      },
      'hybrid',
    );
    const written = statements.filter(({ sql }) => /(UPDATE|INTO) deployment/.test(sql));
    const places = written.map(({ sql }) => sql.split('?').length - 1);
    const columns = changingColumns.length + 3;
    const told = newEventColumns.length - 2;
    expect(places).to.deep.equal([
      columns + 1_000,
      columns + 1,
      told + 2 * 1_000,
      newEventColumns.length,
    ]);
    expect(requestsOf(statements)).to.have.length(1);
  });

  it('take what they rest on by a key, the same for whoever has read the same', () => {
    const taken = (id: string, stored: StoredDeployment) =>
      changeStatements(
        { id, organisation: 'acme', changes: { deployments: { unchanged: [stored, stored] } } },
        'hybrid',
      )[3]?.values;
    const again = toStored(rowOf(toValues(storedDeployment(3), 'read-change')));
    const later = toStored(rowOf(toValues(storedDeployment(3), 'later-change')));
    expect(taken('a', read)).to.have.length(1);
    expect(taken('a', read)).to.deep.equal(taken('b', again));
    expect(taken('a', read)).not.to.deep.equal(taken('a', later));
    for (const digest of taken('a', read) ?? []) expect(digest).to.match(/^[0-9a-f]{36}$/);
  });

  it('need what they rest on to have no later event', () => {
    const record = changeStatements(
      { id: 'c', organisation: 'acme', changes: { deployments: { unchanged: [read] } } },
      'standard',
    ).at(-2);
    expect(record?.sql).to.match(
      /FROM deployment_events\s+WHERE deployment_id = \? AND revision > \?\) = 0/,
    );
    expect(record?.values.slice(-2)).to.deep.equal([read.deployment.id, 1]);
  });

  it('need every deployment that has to be unchanged to have been read', () => {
    const changes = { deployments: { unchanged: [storedDeployment(3)] } };
    expect(() => changeStatements({ id: 'c', organisation: 'acme', changes }, 'hybrid')).to.throw(
      'was not read',
    );
  });

  const twice = [eventOf(), eventOf()];
  const strays: [why: string, changes: ChangeSet][] = [
    ['a deployment that does not change', { events: [eventOf()] }],
    ['a state before', { deployments, events: [eventAt(3)] }],
    ['a state to come', { deployments, events: [eventAt(5)] }],
    ['a state that has one', { deployments, events: twice }],
  ];
  for (const [why, changes] of strays) {
    it(`refuse an event of ${why}, also where keys are not enforced`, () => {
      for (const kind of tableKinds) {
        expect(() => changeStatements({ id: 'c', organisation: 'acme', changes }, kind)).to.throw(
          /^Deployment \S+ does not come to the revision \d of an event$/,
        );
      }
    });
  }

  it('take an event of each state on the way', () => {
    const first = eventAt(4);
    const last = storedDeployment(2, { revision: 5 });
    const changes = {
      deployments: { updated: [{ from: 3, to: last, growth: 0 }] },
      events: [first, eventOf(last)],
    };
    expect(verbs(changes)).to.include('INSERT INTO deployment_events');
  });
});

describe('the removal of what has expired', () => {
  const values = ['2026-01-05 09:00:01.000'];

  it('locks responses that are older than an instant, and then removes those that are', () => {
    expect(responseRemoval(instantOf(1))).to.deep.equal([
      {
        sql: 'UPDATE remembered_responses SET change_id = ? WHERE remembered_at < ?::TIMESTAMP_NTZ(3)',
        values: ['locked', ...values],
      },
      {
        sql: 'DELETE FROM remembered_responses WHERE remembered_at < ?::TIMESTAMP_NTZ(3)',
        values,
      },
    ]);
  });

  it('clears changes of what is older than an instant', () => {
    expect(changeRemoval(instantOf(1))).to.deep.equal({
      sql: 'DELETE FROM changes WHERE made_at < ?::TIMESTAMP_NTZ(3)',
      values,
    });
  });
});
