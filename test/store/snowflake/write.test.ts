import { expect } from 'chai';
import type { ChangeSet } from '../../../src/domain/changes.js';
import { byRequest, recordEvent, sourceOf } from '../../../src/domain/deployments/events.js';
import { toStored, toValues } from '../../../src/store/snowflake/deployments/rows.js';
import { tableKinds } from '../../../src/store/snowflake/options.js';
import { removalStatements } from '../../../src/store/snowflake/system.js';
import { changeStatements } from '../../../src/store/snowflake/write.js';
import { caller, instantOf, storedDeployment } from '../../support/stored.js';
import { rowOf } from './fakes.js';

const at = instantOf(9);
const created = storedDeployment(1);
const updated = storedDeployment(2, { revision: 4, status: 'deployed' });
const deployments = { created: [created], updated: [{ from: 3, to: updated, growth: 384 }] };
const read = toStored(rowOf(toValues(storedDeployment(3, { status: 'deployed' }), 'read-change')));
const eventOf = (stored = created) =>
  recordEvent(undefined, stored, byRequest, sourceOf(caller), at);
const eventAt = (revision: number) => {
  const { deploymentId, event } = eventOf(updated);
  return { deploymentId, event: { ...event, revision } };
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
      expect(statements[0]?.sql).to.equal('BEGIN');
      expect(statements.at(-1)?.sql).to.equal('COMMIT');
      for (const { sql, values } of statements) {
        expect(sql.split('?').length - 1).to.equal(values.length);
        expect(sql).not.to.include("'");
      }
    }
  });

  it('begin with what others may contend for', () => {
    expect(verbs(everything)).to.deep.equal([
      'BEGIN',
      'UPDATE tenant_usage SET',
      'MERGE INTO remembered_responses',
      'UPDATE deployments SET',
      'UPDATE deployments SET',
      'INSERT INTO deployments',
      'INSERT INTO deployment_events',
      'MERGE INTO skipping',
      'DELETE FROM skipping',
      'INSERT INTO rolled_back',
      'MERGE INTO tenant_usage',
      'INSERT INTO changes',
      'COMMIT',
    ]);
  });

  it('take the lock first where keys are not enforced', () => {
    const [, first] = changeStatements(
      { id: 'c', organisation: 'acme', changes: everything },
      'standard',
    );
    expect(first).to.deep.equal({ sql: 'UPDATE write_lock SET change_id = ?', values: ['c'] });
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

  it('need whoever has skipped all not to be skipping since another instant', () => {
    const done = { id: created.deployment.id, since: at };
    const statements = changeStatements(
      { id: 'c', organisation: 'acme', changes: { doneSkipping: [done] } },
      'hybrid',
    );
    const [, remove, record] = statements;
    expect(remove?.sql).to.match(/^DELETE FROM skipping WHERE deployment_id = \? AND since = \?/);
    expect(remove?.values).to.deep.equal([done.id, '2026-01-05 09:00:09.000']);
    expect(record?.sql).to.match(/FROM skipping\s+WHERE deployment_id IN \(\?\)\) = 0/);
    expect(record?.values).to.deep.equal(['c', 'c', done.id]);
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

  it('write many rows in parts, which stay below the size that a statement may have', () => {
    const many = Array.from({ length: 1_000 }, (_, nth) => storedDeployment(nth));
    const changes = {
      deployments: { updated: many.map((to) => ({ from: 0, to, growth: 0 })) },
      events: many.map(eventOf),
    };
    const parts = verbs(changes).filter((verb) => /^(UPDATE|INSERT INTO deployment)/.test(verb));
    expect(parts).to.have.length(20);
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
  it('clears both tables of what is older than an instant, and of nothing else', () => {
    expect(removalStatements(instantOf(1))).to.deep.equal([
      {
        sql: 'DELETE FROM remembered_responses WHERE remembered_at < ?::TIMESTAMP_NTZ(3)',
        values: ['2026-01-05 09:00:01.000'],
      },
      {
        sql: 'DELETE FROM changes WHERE made_at < ?::TIMESTAMP_NTZ(3)',
        values: ['2026-01-05 09:00:01.000'],
      },
    ]);
  });
});
