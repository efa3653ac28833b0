import { expect } from 'chai';
import { loadDriver } from '../../src/store/snowflake/driver.js';
import { tableKinds } from '../../src/store/snowflake/options.js';
import { probe } from '../../src/store/snowflake/probe/probe.js';
import { optionsFor, withLink } from './support/schema.js';
import { SnowflakeServer } from './support/server.js';

describe('db:probe', function () {
  this.timeout(60_000);
  let server: SnowflakeServer;
  before(async () => {
    server = await SnowflakeServer.start();
  });
  after(() => server.stop());
  afterEach(() => server.reset());

  const schemas = async (): Promise<string[]> => {
    const rows = await withLink(optionsFor(server), (link) =>
      link.query({ sql: 'SELECT schema_name AS it FROM information_schema.schemata', values: [] }),
    );
    return rows.map(({ IT: name }) => String(name)).filter((name) => name.includes('PROBE'));
  };

  async function report(
    tables: (typeof tableKinds)[number],
    signal = new AbortController().signal,
  ) {
    const said: string[] = [];
    const settings = { pauseMs: 200, rounds: 2, signal, say: (line: string) => said.push(line) };
    const text = await probe(loadDriver, optionsFor(server, { tables }), settings);
    return { text, said };
  }

  /** The part of a report under a heading. */
  const sectionOf = (text: string, heading: string): string =>
    text.split(/^## /m).find((section) => section.startsWith(heading)) ?? '';

  for (const tables of tableKinds) {
    it(`reports on ${tables} tables, in a schema that is gone afterwards`, async () => {
      const { text } = await report(tables);
      expect(await schemas()).to.deep.equal([]);

      const lost = sectionOf(text, 'Lost update');
      expect(lost).to.include('looks at its WHERE again: the first change stands');
      expect(lost).to.match(/\| alone \| \d+ \| `{"number of rows updated":0.*\| first \|/);
      expect(lost).to.match(/\| in one request \| \d+ \| no error \| first \|/);

      const errors = sectionOf(text, 'Errors');
      const lock = /a lock that is not granted in time \| alone \| 000625 \/ 57014 \/ contended: /;
      expect(errors).to.match(lock);
      expect(errors).to.match(/takes too long \| alone \| 000630 \/ 57014 \/ contended: /);
      expect(errors).to.match(/NOT NULL \| alone \| 100072 \/ 22000 \/ stale: /);
      expect(errors).to.match(/NOT NULL \| in one request \| 100132 \/ P0000 \/ stale: /);
      expect(errors).to.match(/a deadlock \| session [12] \| \d+ /);
      expect(errors).to.match(/an error aborted \| COMMIT \| \d+ /);
      if (tables === 'hybrid') expect(errors).to.match(/primary key .* alone \| 200001 /);

      const times = sectionOf(text, 'Time of each operation');
      for (const operation of ['create', 'patch to deployed', 'rollback', 'list', 'lineage'])
        expect(times, text).to.match(
          new RegExp(`^\\| ${operation} \\| [1-9]\\d* \\| \\d+ \\|`, 'm'),
        );

      const plans = sectionOf(text, 'Plans');
      expect(plans.match(/^### Of "/gm)?.length).to.be.greaterThan(10);
      expect(plans).to.match(/Of "list"/);
      expect(plans, plans).not.to.match(/^\d{6} \//m);
    });
  }

  it('goes on with the rest when an experiment fails, and says how', async () => {
    await server.fault({ kind: 'error', match: '^insert into probe_rows', times: null });
    const { text } = await report('hybrid');
    expect(sectionOf(text, 'lost update')).to.include('000603');
    expect(sectionOf(text, 'Time of each operation'), text).to.include('| create |');
    expect(await schemas()).to.deep.equal([]);
  });

  it('removes its schema when it is interrupted, or cannot be set up', async () => {
    const { text } = await report('hybrid', AbortSignal.abort());
    expect(text).to.equal('');
    await server.fault({ kind: 'error', match: 'table if not exists deployments', times: null });
    const failed = await report('hybrid').catch((error: unknown) => error);
    expect(failed).to.be.instanceOf(Error);
    expect(await schemas()).to.deep.equal([]);
  });
});
