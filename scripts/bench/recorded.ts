import pg from 'pg';

/** A statement, and with which others it was sent together. */
interface Recorded {
  readonly sql: string;
  readonly values: readonly unknown[];
  readonly batch: number;
}

/** The statements of this process's connections, for as long as they are recorded. */
let recorded: Recorded[] | undefined;
let batch = 0;
let underWay = 0;

/** What a connection does of which the decision knows nothing: it listens, and tells others. */
const besides = /^\s*(LISTEN|SELECT pg_notify)/;

type Query = (sql: string, values: unknown[], ...more: unknown[]) => Promise<pg.QueryResult>;
// eslint-disable-next-line @typescript-eslint/unbound-method -- it is called below with the connection as `this`
const query = pg.Client.prototype.query as unknown as Query;
(pg.Client.prototype as unknown as { query: Query }).query = function (
  this: pg.Client,
  sql,
  ...rest
) {
  const sent = query.call(this, sql, ...rest);
  if (recorded === undefined || besides.test(sql)) return sent;
  if (underWay === 0) batch += 1;
  underWay += 1;
  recorded.push({ sql, values: rest[0], batch });
  return sent.finally(() => (underWay -= 1));
};

/** Records what the connections of this process are asked while something is done. */
export async function record(work: () => Promise<unknown>): Promise<Recorded[]> {
  recorded = [];
  await work();
  const all = recorded;
  recorded = undefined;
  return all;
}

/** Asks a connection the same once more, in as many round trips. */
export async function replay(client: pg.Client, statements: readonly Recorded[]): Promise<void> {
  for (const nth of new Set(statements.map((statement) => statement.batch))) {
    const together = statements.filter((statement) => statement.batch === nth);
    await Promise.all(together.map(({ sql, values }) => client.query(sql, [...values])));
  }
}
