import { expect } from 'chai';
import { recordEvent, sourceOf } from '../../../src/domain/deployments/events.js';
import {
  changeIdOf,
  columnsWith,
  contractColumns,
  newColumns,
  newEventColumns,
  storedColumns,
  toEvent,
  toEventValues,
  toStored,
  toValues,
} from '../../../src/store/snowflake/deployments/rows.js';
import { toTimestamp } from '../../../src/store/snowflake/values.js';
import { caller, idOf, storedDeployment } from '../../support/stored.js';
import { rowOf } from './fakes.js';

const stored = storedDeployment(7, {
  created_at: '2026-03-29T01:59:59.007Z',
  cell: 'a',
  auto: false,
  trigger: 'manual',
  status: 'deployed',
  commit_at: '2026-03-28T00:00:00.000Z',
  revision: 3,
  baseId: idOf(1),
});

describe("rows of Snowflake's tables", () => {
  it('give back what was written, milliseconds included', () => {
    const row = rowOf(toValues(stored, 'change'));
    const read = toStored(row);
    expect(read).to.deep.equal(stored);
    expect(changeIdOf(read)).to.equal('change');
  });

  it('hold instants as text in UTC, and a value for each column and the taxonomy key', () => {
    const values = toValues(stored, 'change');
    expect(values[1]).to.equal('2026-03-29 01:59:59.007');
    expect(values).to.include('2026-03-28 00:00:00.000');
    expect(values).to.have.length(newColumns.length);
    expect(contractColumns).to.have.length(Object.keys(stored.deployment).length);
  });

  it('stand in a row without a deployment as NULL, each of its type', () => {
    const list = columnsWith({ created_at: 'known.remembered_at' }).split(/, (?!0\))/);
    const columns = list.map((item) =>
      /^(NULL::[A-Z_]+(\([\d, ]+\))?|known\.remembered_at) AS (\w+)$/.exec(item),
    );
    expect(columns.map((found) => found?.[3])).to.deep.equal(storedColumns);
    expect(list).to.include.members([
      'known.remembered_at AS created_at',
      'NULL::TIMESTAMP_NTZ(3) AS updated_at',
      'NULL::TIMESTAMP_NTZ(3) AS deployed_at',
      'NULL::BOOLEAN AS auto',
      'NULL::VARCHAR AS base_id',
      'NULL::VARCHAR AS notes',
      'NULL::NUMBER(18, 0) AS revision',
    ]);
  });

  it('write every instant in the one way that a TIMESTAMP_NTZ takes without a zone', () => {
    expect(toTimestamp('2026-01-02T03:04:05.678Z')).to.equal('2026-01-02 03:04:05.678');
  });

  for (const [column, value] of [
    ['STATUS', 'lost'],
    ['CREATED_AT', '2026-01-01'],
    ['AUTO', 1],
    ['REVISION', 1.5],
    ['NAME', null],
    ['REGION', 5],
    ['DEPLOYED_AT', '2026-01-01'],
    ['BASE_ID', 5],
  ] as const) {
    it(`are refused with ${column} = ${value}, and the value is not repeated`, () => {
      const row = { ...rowOf(toValues(stored, 'change')), [column]: value };
      expect(() => toStored(row)).to.throw(`Snowflake gave a value in ${column} that`);
    });
  }

  const at = '2026-01-01T00:00:00.001Z';
  const job = { ...sourceOf(caller), actor_id: '583231', ref: 'refs/heads/main', run_id: '1001' };
  const recorded = recordEvent(
    undefined,
    stored,
    { cause: 'rollback', deploymentId: idOf(2), reason: 'because' },
    job,
    at,
  );
  const { event } = recorded;
  const eventRow = Object.fromEntries(
    toEventValues(recorded).map((value, nth) => [
      newEventColumns[nth]?.toUpperCase(),
      newEventColumns[nth] === 'occurred_at' ? new Date(at) : value,
    ]),
  );

  it('of events give back what was written, nulls and instants included', () => {
    expect(eventRow).to.include({
      DEPLOYMENT_ID: stored.deployment.id,
      REVISION: 3,
      REASON: 'because',
    });
    expect(toEvent(eventRow)).to.deep.equal(event);
  });

  it('of events hold what changed as a list', () => {
    const changed = toEvent({ ...eventRow, FROM_STATUS: 'failed', CHANGED: '["status","notes"]' });
    expect(changed).to.deep.include({ from_status: 'failed', changed: ['status', 'notes'] });
  });

  for (const value of [null, '', '"status"', '["created_at"]', '[1]']) {
    it(`of events are refused with CHANGED = ${value}`, () => {
      expect(() => toEvent({ ...eventRow, CHANGED: value })).to.throw('in CHANGED');
    });
  }
});
