import { setTimeout as sleep } from 'node:timers/promises';
import type { Link } from '../driver.js';
import type { Statement } from '../statement.js';
import type { TableKind } from '../options.js';
import { addRow, asRequest, changeRow, describe, outcomeOf, plain, tableOf } from './bench.js';
import type { Bench, Outcome, Section } from './bench.js';

/** Something that goes wrong. */
interface Mishap {
  readonly what: string;
  readonly failing: Statement;
  /** Parameters of the session that it happens to. */
  readonly parameters?: string;
  /** What another session has done and not committed. */
  readonly held?: Statement;
}

/** How long a lock and a statement may take where they are to run out of time, in seconds. */
const seconds = 1;

const mishaps = (tables: TableKind): readonly Mishap[] => [
  {
    what: 'a lock that is not granted in time',
    failing: changeRow('held', 'waiting'),
    parameters:
      tables === 'hybrid'
        ? `LOCK_TIMEOUT = ${seconds}, HYBRID_TABLE_LOCK_TIMEOUT = ${seconds}`
        : `LOCK_TIMEOUT = ${seconds}`,
    held: changeRow('held', 'holding'),
  },
  {
    what: 'a statement that takes too long',
    failing: plain(`SELECT SYSTEM$WAIT(${seconds + 4})`),
    parameters: `STATEMENT_TIMEOUT_IN_SECONDS = ${seconds}`,
  },
  {
    what: 'NULL in a column that is NOT NULL',
    failing: plain("INSERT INTO probe_rows (id, revision) SELECT 'null', NULL"),
  },
  { what: 'a primary key that is there', failing: addRow('held') },
  { what: 'a text that is too long', failing: addRow('x'.repeat(37)) },
  { what: 'a table that is not there', failing: plain('SELECT id FROM probe_nothing') },
];

/** With which number, SQLSTATE and text Snowflake fails, alone and as one of several statements of a request. */
export async function probeErrors(bench: Bench): Promise<Section> {
  await bench.withLink(async (link) => {
    for (const id of ['held', 'one', 'two']) await link.query(addRow(id));
  });
  const rows: string[][] = [];
  for (const mishap of mishaps(bench.tables)) {
    rows.push([mishap.what, 'alone', describe(await happen(bench, mishap, alone))]);
    rows.push([mishap.what, 'in one request', describe(await happen(bench, mishap, inOneRequest))]);
  }
  const deadlock = await probeDeadlock(bench);
  for (const [index, outcome] of deadlock.entries())
    rows.push(['a deadlock', `session ${index + 1}`, describe(outcome)]);
  rows.push(...(await probeAborted(bench)));
  return [
    '## Errors',
    '',
    'Number / SQLSTATE / what the service takes it for: text.',
    '',
    ...tableOf(['what', 'how', 'error'], rows),
  ];
}

const alone = (link: Link, statement: Statement): Promise<unknown> => link.query(statement);
const inOneRequest = (link: Link, statement: Statement): Promise<unknown> =>
  link.batch(asRequest(statement));

function happen(
  bench: Bench,
  { failing, parameters, held }: Mishap,
  how: typeof alone,
): Promise<Outcome<unknown>> {
  return bench.withLink(async (link) => {
    if (parameters !== undefined) await link.query(plain(`ALTER SESSION SET ${parameters}`));
    if (held === undefined) return outcomeOf(how(link, failing));
    return bench.withLink(async (holder) => {
      await holder.query(plain('BEGIN TRANSACTION'));
      await holder.query(held);
      const outcome = await outcomeOf(how(link, failing));
      await holder.query(plain('ROLLBACK'));
      return outcome;
    });
  });
}

/** Two transactions that each wait for what the other has. */
function probeDeadlock(bench: Bench): Promise<readonly Outcome<unknown>[]> {
  return bench.withLink((first) =>
    bench.withLink(async (second) => {
      for (const link of [first, second]) await link.query(plain('BEGIN TRANSACTION'));
      await first.query(changeRow('one', 'first'));
      await outcomeOf(second.query(changeRow('two', 'second')));
      const waiting = outcomeOf(first.query(changeRow('two', 'first')));
      await Promise.race([sleep(bench.pauseMs), waiting]);
      const outcomes = await Promise.all([
        waiting,
        outcomeOf(second.query(changeRow('one', 'second'))),
      ]);
      for (const link of [first, second]) await outcomeOf(link.query(plain('ROLLBACK')));
      return outcomes;
    }),
  );
}

/** What a transaction says that an error has aborted. */
function probeAborted(bench: Bench): Promise<string[][]> {
  return bench.withLink(async (link) => {
    await link.query(plain('BEGIN TRANSACTION'));
    await outcomeOf(link.query(plain('SELECT id FROM probe_nothing')));
    const rows: string[][] = [];
    for (const sql of ['SELECT 1 AS one', 'COMMIT']) {
      const outcome = await outcomeOf(link.query(plain(sql)));
      rows.push(['a transaction that an error aborted', sql, describe(outcome)]);
    }
    await outcomeOf(link.query(plain('ROLLBACK')));
    return rows;
  });
}
