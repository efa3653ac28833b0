import type { DeploymentStatus } from '../../domain/deployments/deployment.js';
import type {
  Queue,
  QueueChange,
  QueueHead,
  QueueName as NameOfQueue,
} from '../../domain/queue/entries.js';
import { settingsText, toEnvironment, toHead, toOwnEntries, toQueue } from '../queue-rows.js';
import type { QueueName } from '../store.js';
import { namedParts } from '../taxonomy-rows.js';
import { storedColumns, storedColumnsOf, textOrNull, toStored } from './deployments/rows.js';
import type { Reader } from './reader.js';
import { groupRows, rowsOf, uuid } from './statement.js';
import type { Row, Statement, Value } from './statement.js';

/** All of a queue. */
export const queue: Reader<'queue'> = ({ organisation }, of) => {
  const named = nameOf(of);
  return {
    statement: { sql: queuesOf(named.sql), values: [organisation, named.value] },
    parse: (rows) => toQueues(organisation, rows)[0],
  };
};

/** The queues of several environments. */
export const queues: Reader<'queues'> = ({ organisation }, { environments: names }) => ({
  statement: {
    sql: queuesOf('SELECT unnest($2::text[]) COLLATE "C" AS environment'),
    values: [organisation, names],
  },
  parse: (rows) => toQueues(organisation, rows),
});

/** A row an entry, each with the head of its queue. */
const queuesOf = (names: string): string => `
  SELECT ${headColumns}, entry.entry,
         CASE WHEN entry.kind = 'waiting'
           THEN (SELECT status FROM deployments WHERE deployments.id = entry.id::uuid)
         END AS status
  FROM (${names}) AS named
  LEFT JOIN environments AS head
    ON head.organisation = $1 AND head.environment = named.environment
  LEFT JOIN queue_entries AS entry
    ON entry.organisation = $1 AND entry.environment = named.environment`;

function toQueues(organisation: string, rows: readonly Row[]): Queue[] {
  return [...groupRows(rows, 'environment').values()].map((own) =>
    toQueue(
      headOf(organisation, own[0] ?? {}),
      entriesOf(own).map((row) => ({
        entry: String(row['entry']),
        // Written from a deployment's.
        status: row['status'] as DeploymentStatus | null,
      })),
    ),
  );
}

const headColumns = `named.environment, head.queue_revision, head.settings_revision, head.settings, head.due_at`;

function nameOf(of: NameOfQueue): { readonly sql: string; readonly value: Value } {
  return 'environment' in of
    ? { sql: 'SELECT $2::text COLLATE "C" AS environment', value: of.environment }
    : {
        sql: 'SELECT environment FROM deployments WHERE id = $2 AND organisation = $1',
        value: uuid(of.id),
      };
}

/** A row without an entry is there for its head. */
function entriesOf(rows: readonly Row[]): Row[] {
  return rows.filter((row) => row['entry'] !== null);
}

function headOf(organisation: string, row: Row): QueueHead {
  return toHead(
    organisation,
    String(row['environment']),
    row['queue_revision'] === null
      ? undefined
      : {
          revision: Number(row['queue_revision']),
          settingsRevision: Number(row['settings_revision']),
          settings: textOrNull(row['settings']),
          dueAt: textOrNull(row['due_at']),
        },
  );
}

/** What a queue knows of one deployment. */
export const ownEntries: Reader<'ownEntries'> = ({ organisation }, { id }) => ({
  statement: {
    sql: `
      SELECT ${headColumns}, entry.entry
      FROM deployments AS named
      LEFT JOIN environments AS head
        ON head.organisation = $2 AND head.environment = named.environment
      LEFT JOIN queue_entries AS entry
        ON entry.organisation = $2 AND entry.environment = named.environment
           AND entry.kind IN ('waiting', 'lease') AND entry.id = named.id::text
      WHERE named.id = $1 AND named.organisation = $2`,
    values: [uuid(id), organisation],
  },
  parse: (rows) => {
    const [first] = rows;
    return (
      first &&
      toOwnEntries(
        headOf(organisation, first),
        entriesOf(rows).map((row) => String(row['entry'])),
      )
    );
  },
});

/** What is in progress in a taxonomy, or in an environment. */
export const inProgress: Reader<'inProgress'> = ({ organisation }, { within }) => ({
  statement: {
    sql: `
      SELECT ${storedColumns}
      FROM deployments
      WHERE organisation = $1
        AND ${'key' in within ? 'taxonomy_key' : 'environment'} = $2
        AND status = 'in_progress'
      ORDER BY created_at, id`,
    values: [organisation, 'key' in within ? within.key : within.environment],
  },
  parse: (rows) => rows.map(toStored),
});

/** Of each taxonomy that a selector names, the first that a worker may start. */
export const autoScheduled: Reader<'autoScheduled'> = (
  { organisation },
  { selector, order, approvals, limit },
) => {
  const values: Value[] = [organisation, limit];
  const conditions = namedParts(selector).map(
    ([part, value]) => ` AND ${part} = $${values.push(value)}`,
  );
  if (approvals > 0) {
    const count = `json_array_length(approvals::json) >= $${values.push(approvals)}`;
    conditions.push(` AND (trigger = 'rollback' OR ${count})`);
  }
  const direction = order === 'newest' ? 'DESC' : 'ASC';
  return {
    statement: {
      sql: `
        SELECT ${storedColumnsOf('deployments')}
        FROM (
          SELECT id AS first_id, row_number() OVER (
            PARTITION BY taxonomy_key, trigger = 'rollback'
            ORDER BY created_at ${direction}, id ${direction}
          ) AS place
          FROM deployments
          WHERE organisation = $1${conditions.join('')} AND status = 'scheduled' AND auto
        ) AS waiting
        JOIN deployments ON deployments.id = first_id
        WHERE place = 1
        ORDER BY created_at, id
        LIMIT $2`,
      values,
      planned: 'each time',
    },
    parse: (rows) => rows.map(toStored),
  };
};

/** The next fence: a sequence gives no number twice, whatever becomes of the change. */
export const nextFence: Reader<'nextFence'> = () => ({
  statement: { sql: `SELECT nextval('fences') AS fence`, values: [] },
  parse: ([row]) => Number(row?.['fence']),
});

/** Environments that somebody has set, by name. */
export const environments: Reader<'environments'> = ({ organisation }, { after, limit }) => ({
  statement: {
    sql: `
      SELECT environment, settings, settings_revision
      FROM environments
      WHERE organisation = $1 AND environment > $2 AND settings IS NOT NULL
      ORDER BY environment
      LIMIT $3`,
    values: [organisation, after, limit],
  },
  parse: (rows) =>
    rows.map((row) =>
      toEnvironment(String(row['environment']), {
        settings: textOrNull(row['settings']),
        settingsRevision: Number(row['settings_revision']),
      }),
    ),
});

/** Puts a state of a queue in the place of the one that it was made from, which must be the present one. */
export function changeQueue({ from, to, put, removed }: QueueChange): Statement[] {
  const { organisation, stored, revision, dueAt } = to;
  const { environment: name } = stored.environment;
  const replaced = new Set(put.map(({ kind, id }) => `${kind} ${id}`));
  const gone = removed.filter(({ kind, id }) => !replaced.has(`${kind} ${id}`));
  const values = [revision, stored.revision, settingsText(stored), dueAt, organisation, name];
  const statements: Statement[] = [
    from === 0 ? { sql: firstState, values } : { sql: nextState, values: [...values, from] },
  ];
  if (gone.length > 0) {
    statements.push({
      sql: `
        DELETE FROM queue_entries
        USING json_to_recordset($3) AS gone (kind text, id text)
        WHERE organisation = $1 AND environment = $2
          AND queue_entries.kind = gone.kind AND queue_entries.id = gone.id`,
      values: [organisation, name, rowsOf(gone.map(({ kind, id }) => ({ kind, id })))],
    });
  }
  if (put.length > 0) {
    statements.push({
      sql: `
        INSERT INTO queue_entries (organisation, environment, kind, id, entry)
        SELECT $1, $2, kind, id, entry
        FROM json_to_recordset($3) AS put (kind text, id text, entry json)
        ON CONFLICT (organisation, environment, kind, id) DO UPDATE SET entry = excluded.entry`,
      values: [
        organisation,
        name,
        rowsOf(put.map((entry) => ({ kind: entry.kind, id: entry.id, entry }))),
      ],
    });
  }
  return statements;
}

const firstState = `
  WITH written AS (
    INSERT INTO environments (
      queue_revision, settings_revision, settings, due_at, organisation, environment
    )
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT DO NOTHING
    RETURNING 1
  )
  SELECT require_rows(count(*), 1) FROM written`;

const nextState = `
  WITH written AS (
    UPDATE environments
    SET queue_revision = $1, settings_revision = $2, settings = $3, due_at = $4
    WHERE organisation = $5 AND environment = $6 AND queue_revision = $7
    RETURNING 1
  )
  SELECT require_rows(count(*), 1) FROM written`;

/** The queues about which something is to be done by now, the longest due first. */
export function dueQueuesStatement(before: string, limit: number): Statement {
  return {
    sql: `
      SELECT organisation, environment, due_at AS "dueAt"
      FROM environments
      WHERE due_at <= $1
      ORDER BY due_at
      LIMIT $2`,
    values: [before, limit],
  };
}

/** Turns rows of that into the names of the queues: the columns are the fields. */
export function toQueueNames(rows: readonly Row[]): QueueName[] {
  return rows as unknown as QueueName[];
}
