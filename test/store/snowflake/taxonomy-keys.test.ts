import { expect } from 'chai';
import { taxonomyKey } from '../../../src/domain/deployments/taxonomy.js';
import { createControlsCache } from '../../../src/store/controls-cache.js';
import { toValues } from '../../../src/store/snowflake/deployments/rows.js';
import type { Statement } from '../../../src/store/snowflake/statement.js';
import { createSlice } from '../../../src/store/snowflake/slice.js';
import { createTaxonomyKeys } from '../../../src/store/snowflake/taxonomy-keys.js';
import { storedDeployment } from '../../support/stored.js';
import { rowOf } from './fakes.js';

const stored = storedDeployment(1);
const { id, organisation } = stored.deployment;
const key = taxonomyKey(stored.deployment);
const place = { id };
const readsByKey = [
  { read: 'running', place },
  { read: 'pendingRollbacks', place },
  { read: 'candidates', place, otherThan: [], limit: 1 },
  { read: 'ofVersion', place, version: '1', limit: 1 },
  { read: 'olderScheduled', than: id, limit: 1 },
  { read: 'skippedBy', id },
] as const;

describe('the taxonomy of a deployment, asked of Snowflake', () => {
  /** What is sent for reads, where keys are known. */
  async function sent(keys = createTaxonomyKeys(), of = organisation): Promise<Statement> {
    const statements: Statement[] = [];
    const run = (statement: Statement) => {
      statements.push(statement);
      return Promise.resolve([]);
    };
    await createSlice(run, of, createControlsCache(), undefined, keys).read(readsByKey);
    const [statement] = statements;
    expect(statements).to.have.length(1);
    if (statement === undefined) throw new Error('Nothing was sent');
    expect(statement.sql.split('?').length - 1).to.equal(statement.values.length);
    return statement;
  }

  it('is looked up by the statement while it is not known', async () => {
    const { sql, values } = await sent();
    expect(sql).to.include('(SELECT taxonomy_key FROM deployments WHERE id = ?');
    expect(values).not.to.include(key);
  });

  it('is a constant once the deployment was read, for its own tenant', async () => {
    const keys = createTaxonomyKeys();
    const row = { ...rowOf(toValues(stored, 'c')), PART: 0 };
    const slice = createSlice(
      () => Promise.resolve([row]),
      organisation,
      createControlsCache(),
      undefined,
      keys,
    );
    await slice.read([{ read: 'deployment', id }]);
    const { sql, values } = await sent(keys);
    expect(sql).not.to.include('(SELECT taxonomy_key');
    expect(values.filter((value) => value === key)).to.have.length(8);
    expect((await sent(keys, 'other')).values).not.to.include(key);
  });
});
