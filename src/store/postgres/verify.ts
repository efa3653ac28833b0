import { StartupError } from '../../platform/startup-error.js';
import type { Link } from './driver.js';
import { requireSchema } from './migrate.js';
import type { PostgresOptions } from './options.js';
import { plain } from './statement.js';

/** What there is, and what is missing, each with what to do. */
export interface Findings {
  readonly facts: readonly string[];
  readonly faults: readonly string[];
  /** What works, and does not keep what the service promises. */
  readonly warning?: string | undefined;
}

/** The oldest major version that the service is tested with. */
const oldestMajor = 15;

/** Looks at a database as the service would use it, and changes nothing. */
export async function verify(link: Link, { poolSize }: PostgresOptions): Promise<Findings> {
  const [row = {}] = await link.query(plain(facts));
  const version = String(row['version']);
  const faults: string[] = [];
  if (Number.parseInt(version) < oldestMajor) {
    faults.push(`PostgreSQL ${version} is older than ${oldestMajor}: upgrade the server`);
  }
  if (row['standby'] === true) faults.push('this is a standby, which only reads: name the primary');
  if (row['encoding'] !== 'UTF8') {
    faults.push(`the encoding of the database is ${String(row['encoding'])}: make one with UTF8`);
  }
  try {
    await requireSchema(link);
    for (const { name } of await link.query(plain(withoutRights))) {
      faults.push(
        `the role may not read and write ${String(name)}: see the grants in docs/POSTGRESQL.md`,
      );
    }
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    faults.push(error.message);
  }
  return {
    facts: [
      `PostgreSQL ${version}, database ${String(row['database'])}, schema ${String(row['schema'])}, ` +
        `role ${String(row['role'])}, ${row['tls'] === true ? 'over TLS' : 'without TLS'}`,
      `${poolSize + 2} connections a process at the most, of ${String(row['connections'])} that the server has`,
    ],
    faults,
    warning: warningOf(String(row['synchronous_commit'])),
  };
}

/** What is acknowledged is to outlive a crash of the server, and of what follows it, of its standby's as well. */
function warningOf(synchronousCommit: string): string | undefined {
  if (!['off', 'local', 'remote_write'].includes(synchronousCommit)) return undefined;
  return `synchronous_commit is ${synchronousCommit}, so a crash may lose what was acknowledged: set it to on for the role`;
}

const facts = `
  SELECT current_setting('server_version') AS version,
         current_setting('server_encoding') AS encoding,
         current_setting('max_connections') AS connections,
         current_setting('synchronous_commit') AS synchronous_commit,
         current_database() AS database,
         current_schema() AS schema,
         current_user AS role,
         pg_is_in_recovery() AS standby,
         coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), FALSE) AS tls`;

const withoutRights = `
  SELECT relname AS name
  FROM pg_class
  WHERE relnamespace = current_schema()::regnamespace
    AND CASE relkind
          WHEN 'r' THEN relname <> 'schema_migrations' AND NOT (
            has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')
            AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE')
          )
          WHEN 'S' THEN NOT has_sequence_privilege(oid, 'USAGE')
          ELSE FALSE
        END
  ORDER BY relname`;
