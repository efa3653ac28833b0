import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Link } from './driver.js';
import { classify } from './failure.js';
import type { TableKind } from './options.js';
import { completeResponses, fillBases, renameTaxonomies } from './migrate-data.js';
import { foreignTables, readColumns, readTables, readVersions, schemaFilesOf } from './schema.js';
import { toTimestamp } from './values.js';

/** What one statement cannot do, by the name of the schema file after which it is done. */
const dataSteps: ReadonlyMap<string, (link: Link) => Promise<void>> = new Map([
  [
    'fill_attempts.sql',
    async (link) => {
      await fillBases(link);
      await renameTaxonomies(link);
    },
  ],
  ['fill_remembered_responses.sql', completeResponses],
]);

/**
 * Applies the schema files that are missing, in order.
 *
 * Snowflake commits at each definition, so there is no transaction around them. Each file is one
 * statement that may be repeated, as may what is done after it, and is recorded after that: a run that was
 * cut off, and two runs at once, end in the same schema.
 *
 * @returns the names of the files that were applied
 * @throws Error when the tables that are there are of another kind or not this service's, or texts would be
 *   compared otherwise than by their characters
 */
export async function migrate(link: Link, kind: TableKind): Promise<string[]> {
  const tables = await readTables(link);
  const files = schemaFilesOf(kind);
  const foreign = foreignTables(files, await readColumns(link));
  if (foreign.length > 0) throw new Error(foreign.join('\n'));
  await requireNoCollation(link);
  const present = tables.get('schema_migrations');
  if (present !== undefined && present !== kind) {
    throw new Error(
      `This schema has ${present} tables, and SNOWFLAKE_TABLES says ${kind}: ` +
        'set it to what they are, or migrate into another schema',
    );
  }
  const applied = await readVersions(link, tables);
  const names: string[] = [];
  for (const { version, name, path } of files) {
    if (applied.has(version)) continue;
    await define(link, version, statementOf(readFileSync(path, 'utf8')));
    await dataSteps.get(name.replace(/^\d+_/, ''))?.(link);
    if (await record(link, version, name)) names.push(name);
  }
  return names;
}

/**
 * Refuses a schema whose tables would get a collation: names that differ in case would be one, and what a
 * transaction compares with what was read might be equal to something else
 * (https://docs.snowflake.com/en/sql-reference/parameters#default-ddl-collation).
 */
async function requireNoCollation(link: Link): Promise<void> {
  const [row] = await link.query({
    sql: "SHOW PARAMETERS LIKE 'DEFAULT_DDL_COLLATION' IN SCHEMA",
    values: [],
  });
  const collation = row?.['value'];
  if (typeof collation !== 'string' || collation === '') return;
  throw new Error(
    `New tables of this schema would compare texts by the collation ${collation}, and the service needs them ` +
      "compared as they are: ALTER SCHEMA … SET DEFAULT_DDL_COLLATION = ''",
  );
}

/** How often a definition is tried, and how long after a failure, in milliseconds. */
const definitionTries = 3;
const definitionPauseMs = 200;

/**
 * Runs a definition. Two runs of the command that define the same at the same moment can get in each
 * other's way; the next try of the one that failed finds what the other has made, or that it has done
 * all of it.
 */
async function define(link: Link, version: number, sql: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await link.query({ sql, values: [] });
      return;
    } catch (error) {
      if (tries === definitionTries || classify(error) === 'lost') throw error;
      await sleep(definitionPauseMs);
      if ((await readVersions(link, await readTables(link))).has(version)) return;
    }
  }
}

/** Records a file; returns `false` when another run of the command has just done so. */
async function record(link: Link, version: number, name: string): Promise<boolean> {
  try {
    await link.query({
      sql: `
      INSERT INTO schema_migrations (version, name, applied_at)
      SELECT ?, ?, ?::TIMESTAMP_NTZ(3)
      FROM (SELECT 1 AS one) AS always
      WHERE NOT EXISTS (SELECT 1 FROM schema_migrations WHERE version = ?)`,
      values: [version, name, toTimestamp(new Date().toISOString()), version],
    });
    return true;
  } catch (error) {
    if (classify(error) === 'stale') return false;
    throw error;
  }
}

/** The one statement of a schema file, without its semicolon. */
export function statementOf(content: string): string {
  return content.trimEnd().replace(/;$/, '');
}
