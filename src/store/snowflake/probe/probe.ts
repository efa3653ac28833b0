import { randomBytes } from 'node:crypto';
import type { Connect, Link } from '../driver.js';
import { migrate } from '../migrate.js';
import type { SnowflakeOptions } from '../options.js';
import { openSession } from '../session.js';
import { openStoreThrough } from '../store.js';
import { benchTable, cell, describe, outcomeOf, plain, tableOf } from './bench.js';
import type { Bench, Section } from './bench.js';
import { probeErrors } from './errors.js';
import { explainStatements } from './explain.js';
import { probeLostUpdate } from './lost-update.js';
import { timeOperations } from './operations.js';
import { recording } from './recorder.js';
import type { Recorded } from './recorder.js';

export interface ProbeOptions {
  /** How long a statement is given to run into a lock, in milliseconds. */
  readonly pauseMs: number;
  /** How often each operation is timed. */
  readonly rounds: number;
  /** Ends the probe before the next experiment. */
  readonly signal: AbortSignal;
  /** Tells how far it is. */
  readonly say: (line: string) => void;
}

/** What the store tells of itself while it is probed is in the report. */
const silent = { info: () => undefined, warn: () => undefined };

/**
 * Finds out what the documentation of Snowflake leaves open, in a schema of its own, which is removed.
 *
 * @param connectTo logs in to a schema
 * @returns a report in Markdown, which names neither account, user, role, warehouse nor place
 * @throws when there is no schema to be had, or it cannot be set up
 */
export async function probe(
  connectTo: (options: SnowflakeOptions) => Promise<Connect>,
  options: SnowflakeOptions,
  { pauseMs, rounds, signal, say }: ProbeOptions,
): Promise<string> {
  const schema = `DEPLOYMENT_QUEUE_PROBE_${randomBytes(4).toString('hex').toUpperCase()}`;
  const place = { ...options, schema };
  const connect = await connectTo(place);
  const bench: Bench = {
    tables: options.tables,
    pauseMs,
    withLink: async (use) => withLink(await openSession(connect, place), use),
  };
  const sections: Section[] = [];
  const experiments: readonly (readonly [string, () => Promise<Section>])[] = [
    ['what is there', () => bench.withLink((link) => describePlace(link, options))],
    ['lost update', () => probeLostUpdate(bench)],
    ['errors', () => probeErrors(bench)],
    ['operations and plans', () => probeOperations(connect, bench, place, rounds)],
  ];
  return withLink(await openSession(await connectTo(options), options), async (owner) => {
    await owner.query(plain(`CREATE SCHEMA ${schema}`));
    try {
      say(`schema ${schema}`);
      await bench.withLink(async (link) => {
        const started = performance.now();
        const files = await migrate(link, options.tables);
        await link.query(plain(benchTable(options.tables)));
        say(`${files.length} schema files in ${Math.round(performance.now() - started)} ms`);
      });
      for (const [what, run] of experiments) {
        if (signal.aborted) break;
        say(what);
        const outcome = await outcomeOf(run());
        sections.push('result' in outcome ? outcome.result : [`## ${what}`, '', describe(outcome)]);
      }
    } finally {
      await owner.query(plain(`DROP SCHEMA IF EXISTS ${schema} CASCADE`));
      say(`schema ${schema} removed`);
    }
    return anonymous(sections.map((lines) => lines.join('\n')).join('\n\n'), place);
  });
}

async function withLink<T>(link: Link, use: (link: Link) => Promise<T>): Promise<T> {
  try {
    return await use(link);
  } finally {
    await link.close();
  }
}

async function describePlace(
  link: Link,
  { tables, timeoutMs }: SnowflakeOptions,
): Promise<Section> {
  const facts: (readonly [string, string])[] = [
    ['version', 'SELECT CURRENT_VERSION() AS it'],
    ['region', 'SELECT CURRENT_REGION() AS it'],
    ['read consistency', "SHOW PARAMETERS LIKE 'READ_CONSISTENCY_MODE' IN ACCOUNT"],
  ];
  const rows: (readonly string[])[] = [
    ['tables', tables],
    ['SNOWFLAKE_TIMEOUT_MS', String(timeoutMs)],
  ];
  for (const [what, sql] of facts) {
    const outcome = await outcomeOf(link.query(plain(sql)));
    const [row] = 'result' in outcome ? outcome.result : [];
    rows.push([what, row ? cell(String(row['IT'] ?? row['value'])) : describe(outcome)]);
  }
  return [
    `# What Snowflake does, ${new Date().toISOString()}`,
    '',
    ...tableOf(['what', 'value'], rows),
  ];
}

async function probeOperations(
  connect: Connect,
  bench: Bench,
  options: SnowflakeOptions,
  rounds: number,
): Promise<Section> {
  const requests: Recorded[] = [];
  const recorded = recording(connect, (request) => void requests.push(request));
  const store = await openStoreThrough(recorded, options, silent);
  try {
    const { section, statements } = await timeOperations(store, requests, rounds);
    const plans = await bench.withLink((link) => explainStatements(link, statements));
    return [...section, '', ...plans];
  } finally {
    await store.close();
  }
}

/** A text without the names that tell whose account it is. */
function anonymous(report: string, options: SnowflakeOptions): string {
  const { account, user, role, warehouse, database, schema } = options;
  const names = { account, user, role, warehouse, database, schema };
  let text = report;
  for (const [what, name] of Object.entries(names)) {
    if (name === undefined) continue;
    const word = name.replaceAll(/\W/g, (sign) => `\\${sign}`);
    text = text.replaceAll(new RegExp(`(?<!\\w)${word}(?!\\w)`, 'gi'), `<${what}>`);
  }
  return text;
}
