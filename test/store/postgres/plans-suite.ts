import { expect } from 'chai';
import pg from 'pg';
import { filterFields } from '../../../src/domain/deployments/reads.js';
import { taxonomyKey } from '../../../src/domain/deployments/taxonomy.js';
import type { Read } from '../../../src/domain/reads.js';
import { createControlsCache } from '../../../src/store/controls-cache.js';
import { listStatement } from '../../../src/store/postgres/deployments/list.js';
import type { OneQuery } from '../../../src/store/postgres/deployments/list.js';
import { taxonomiesStatement } from '../../../src/store/postgres/deployments/taxonomies.js';
import { endStatement, entriesStatement } from '../../../src/store/postgres/feed.js';
import type { Question, Source } from '../../../src/store/postgres/reader.js';
import type { Statement } from '../../../src/store/postgres/statement.js';
import { openPostgresStore, readers } from '../../../src/store/postgres/store.js';
import { depthStatement } from '../../../src/store/postgres/system.js';
import { optionsFor } from '../../postgres/options.js';
import { newDatabase } from '../../postgres/shared.js';
import { silent } from '../../snowflake/support/silent.js';
import { storedDeployment } from '../../support/stored.js';

/** Deployments of one organisation, a thousandth of which waits and as many run, in taxonomies of fifty each. */
const fill = (rows: number): string => `
  INSERT INTO deployments (
    id, created_at, updated_at, started_at, finished_at, deployed_at, organisation, name, version, environment,
    provider, region, type, auto, status, trigger, taxonomy_key, revision
  )
  SELECT lpad(to_hex(n), 32, '0')::uuid, at, at, at, at, at, 'acme', 'name ' || n % 100, 'version ' || n, 'environment ' || n % 4,
         'gcp', 'region ' || n % 7, 'k8s', TRUE,
         CASE WHEN n % 1000 = 0 THEN 'scheduled' WHEN n % 1000 = 1 THEN 'in_progress' ELSE 'deployed' END,
         'auto', 'key ' || n % ${rows / 50}, 1
  FROM generate_series(1, ${rows}) AS n, LATERAL (SELECT now() - n * interval '1 minute' AS at) AS instant`;

const fillEvents = `
  INSERT INTO deployment_events (
    organisation, feed_position, deployment_id, revision, type, occurred_at, to_status, changed, cause
  )
  SELECT organisation, CASE WHEN n % 100 = 0 THEN 0 ELSE n END, id, 1, 'registered', created_at, 'scheduled', '{}', 'request'
  FROM (SELECT row_number() OVER () AS n, * FROM deployments) AS numbered`;

const fillTaxonomies = (rows: number): string => `
  INSERT INTO taxonomies
  SELECT 'key ' || n, 'acme', 'environment ' || n % 4, 'name ' || n, '', '', 'gcp', ''
  FROM generate_series(1, ${rows}) AS n`;

/** An index is made faster at once than row by row; and what is filled in refers to nothing that is not there. */
const dropIndexes = `
  SET session_replication_role = replica;
  SET maintenance_work_mem = '256MB';
  CREATE TEMP TABLE dropped AS
  SELECT indexname, indexdef FROM pg_indexes
  WHERE schemaname = 'public' AND tablename = 'deployments' AND indexname <> 'deployments_pkey';
  DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT indexname FROM dropped LOOP EXECUTE 'DROP INDEX ' || name; END LOOP;
  END $$`;
const makeIndexes = `
  DO $$ DECLARE made text; BEGIN
    FOR made IN SELECT indexdef FROM dropped LOOP EXECUTE made; END LOOP;
  END $$`;

/** Explains every statement that reads over so many deployments. */
export function describePlans(deployments: number): void {
  describe(`PostgreSQL walks along indexes with ${deployments} deployments`, () => {
    let client: pg.Client;
    let id: string;
    let key: string;
    const source: Source = { organisation: 'acme', controls: createControlsCache() };

    before(async function () {
      this.timeout(600_000);
      const url = await newDatabase();
      await (await openPostgresStore(optionsFor(url), silent)).close();
      client = new pg.Client(url);
      await client.connect();
      const fills = [fill(deployments), fillEvents, fillTaxonomies(deployments)];
      for (const sql of [dropIndexes, ...fills, makeIndexes, 'ANALYZE']) await client.query(sql);
      const { rows } = await client.query<{ id: string; taxonomy_key: string }>(
        'SELECT id, taxonomy_key FROM deployments LIMIT 1',
      );
      id = rows[0]?.id ?? '';
      key = rows[0]?.taxonomy_key ?? '';
    });
    after(() => client.end());

    /** How it is carried out with these values, and with any: the server may take either for what is prepared. */
    async function planOf({ sql, values, planned }: Statement): Promise<string> {
      const explain = async (how: string, ...bound: unknown[][]) => {
        const { rows } = await client.query<Record<string, string>>(
          `EXPLAIN ${how}${sql}`,
          ...bound,
        );
        return rows.map((row) => row['QUERY PLAN']).join('\n');
      };
      const plans = [await explain('', [...values])];
      if (planned !== 'each time') plans.push(await explain('(GENERIC_PLAN) '));
      return plans.join('\n');
    }

    const large = /Seq Scan on (deployments|deployment_events|taxonomies)\b/;

    const reads = (): Read[] => {
      const place = { id };
      const { created_at: createdAt } = storedDeployment(1).deployment;
      return [
        { read: 'deployment', id },
        { read: 'events', id, after: 0, limit: 10 },
        { read: 'eventTo', id, status: 'deployed' },
        { read: 'lineage', id },
        { read: 'olderScheduled', than: id, limit: 10 },
        { read: 'skippedBy', id },
        { read: 'skippingSince', id },
        { read: 'replacedBy', id },
        { read: 'running', place },
        { read: 'running', place: { key } },
        { read: 'pendingRollbacks', place },
        { read: 'candidates', place, otherThan: ['1'], limit: 10 },
        { read: 'ofVersion', place, version: '1', limit: 2 },
        { read: 'registeredBefore', before: { created_at: createdAt, id: '' }, limit: 10 },
        { read: 'whereabouts', name: 'name 1', environment: 'environment 1', limit: 5 },
        { read: 'rememberedResponse', owner: 'o', key: 'k' },
        { read: 'usage' },
        { read: 'controls' },
        { read: 'policyEvents', name: 'production', after: 0, limit: 10 },
        { read: 'gateEvents', after: 0, limit: 10 },
        { read: 'environments', after: '', limit: 10 },
        { read: 'queue', id },
        { read: 'queue', environment: 'environment 1' },
        { read: 'queues', environments: ['environment 1'] },
        { read: 'ownEntries', id },
        { read: 'inProgress', within: { key } },
        { read: 'inProgress', within: { environment: 'environment 1' } },
        {
          read: 'autoScheduled',
          selector: { environment: 'environment 1' },
          order: 'newest',
          approvals: 1,
          limit: 9,
        },
        { read: 'runningIn', keys: [key] },
        { read: 'candidatesIn', keys: [key], limit: 10 },
        { read: 'inProgressIn', keys: [key], limit: 10 },
        { read: 'scheduledIn', keys: [key] },
        { read: 'everDeployed', versions: [{ key, version: '1' }] },
        { read: 'nextFence' },
      ];
    };

    it('in every read of decisions', async () => {
      const asked = new Set(reads().map(({ read }) => read));
      expect([...asked]).to.have.members(Object.keys(readers));
      for (const read of reads()) {
        const reader = readers[read.read] as (source: Source, of: Read) => Question<unknown>;
        const plan = await planOf(reader(source, read).statement);
        expect(plan, JSON.stringify(read)).not.to.match(large);
      }
    });

    const filters: OneQuery['filter'][] = [
      {},
      ...filterFields
        .filter((field) => field !== 'provider' && field !== 'trigger')
        .map((field): OneQuery['filter'] => ({ [field]: field === 'status' ? 'failed' : 'none' })),
      { name: 'name 1', environment: 'environment 1' },
      { status: 'deployed', environment: 'environment 1', name: 'name 1' },
    ];
    for (const filter of filters) {
      const by = Object.keys(filter).join(' and ') || 'no filter';
      it(`to a page of a list by ${by}`, async () => {
        const { created_at: createdAt } = storedDeployment(1).deployment;
        for (const after of [undefined, { created_at: createdAt, id }]) {
          const plan = await planOf(listStatement('acme', { filter, after, limit: 10 }));
          expect(plan).to.match(/Index (Only )?Scan( Backward)? using deployments_/);
          expect(plan).not.to.match(large);
        }
      });
    }

    it('to a part of the feed, and to what has no position yet', async () => {
      for (const from of [{ after: 5 }, { last: 5 }]) {
        const plan = await planOf(entriesStatement('acme', { from, limit: 10 }));
        expect(plan).to.include('using deployment_events_feed');
        expect(plan).not.to.match(large);
        expect(plan).not.to.match(/\bSort\b/);
      }
      expect(await planOf(endStatement('acme'))).to.match(/feeds/);
      // As number_feed looks for them.
      const sql = `
        SELECT deployment_id, revision, written
        FROM deployment_events
        WHERE organisation = 'acme' AND feed_position = 0
        ORDER BY written
        LIMIT 10`;
      const plan = await planOf({ sql, values: [] });
      expect(plan).to.include('using deployment_events_unnumbered');
      expect(plan).not.to.match(/\bSort\b/);
    });

    it('to a page of taxonomies, and to what waits and runs', async () => {
      const place = storedDeployment(1).deployment;
      for (const filter of [{}, { environment: 'environment 1' }, { name: 'name 1' }]) {
        for (const after of [undefined, { key: taxonomyKey(place), by: 'taxonomy' } as const]) {
          const plan = await planOf(taxonomiesStatement('acme', { filter, after, limit: 10 }));
          expect(plan).not.to.match(large);
          expect(plan).not.to.match(/\bSort\b/);
        }
      }
      const plan = await planOf(depthStatement);
      // Of several that have the status, the server takes the cheaper one for as many organisations as there are.
      expect(plan).to.match(/Index .*deployments_/);
      expect(plan).not.to.match(large);
    });
  });
}
