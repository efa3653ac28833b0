import pg from 'pg';

/** A statement as the driver is given it, prepared under a name or not, and with which others it was sent together. */
interface Recorded {
  readonly asked: pg.QueryConfig;
  readonly batch: number;
}

/** The statements of this process's connections, for as long as they are recorded. */
let recorded: Recorded[] | undefined;
let batch = 0;
let underWay = 0;

/** What a connection does of which the decision knows nothing: it listens, and tells others. */
const besides = /^\s*(LISTEN|SELECT pg_notify)/;

type Query = (asked: string | pg.QueryConfig, ...rest: unknown[]) => Promise<pg.QueryResult>;
// eslint-disable-next-line @typescript-eslint/unbound-method -- it is called below with the connection as `this`
const query = pg.Client.prototype.query as unknown as Query;
(pg.Client.prototype as unknown as { query: Query }).query = function (
  this: pg.Client,
  asked,
  ...rest
) {
  const sent = query.call(this, asked, ...rest);
  // What the store asks is an object; it asks by text alone where a new connection leads.
  if (recorded === undefined || typeof asked === 'string' || besides.test(asked.text)) return sent;
  if (underWay === 0) batch += 1;
  underWay += 1;
  recorded.push({ asked, batch });
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
    await Promise.all(together.map(({ asked }) => client.query({ ...asked })));
  }
}
