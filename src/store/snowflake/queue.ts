import type { DeploymentStatus } from '../../domain/deployments/deployment.js';
import type {
  QueueChange,
  QueueHead,
  QueueName as NameOfQueue,
} from '../../domain/queue/entries.js';
import { settingsText, toEnvironment, toHead, toOwnEntries, toQueue } from '../queue-rows.js';
import type { QueueName } from '../store.js';
import { namedParts } from '../taxonomy-rows.js';
import { columnsWith, storedColumns, toStored } from './deployments/rows.js';
import type { TableKind } from './options.js';
import { takeReadings } from './readings.js';
import type { Row, Statement } from './statement.js';
import type { Reader } from './reader.js';
import { instant, places, text, textOrNull, toTimestamp, whole } from './values.js';

/** All of a queue: a row an entry, each with the head. */
export const queue: Reader<'queue'> = (organisation, of) => {
  const named = nameOf(organisation, of);
  return {
    statement: {
      sql: `
    SELECT named.environment AS environment,
           head.queue_revision AS queue_revision,
           head.settings_revision AS settings_revision,
           head.settings AS settings,
           head.due_at AS due_at,
           entry.entry AS entry,
           deployments.status AS status
    FROM (${named.sql}) AS named
    LEFT JOIN environments AS head
      ON head.organisation = ? AND head.environment = named.environment
    LEFT JOIN queue_entries AS entry
      ON entry.organisation = ? AND entry.environment = named.environment
    LEFT JOIN deployments ON deployments.id = entry.id`,
      values: [...named.values, organisation, organisation],
    },
    parse: (rows) => {
      const [first] = rows;
      if (first === undefined) return undefined;
      const entries = rows.filter((row) => row['ENTRY'] !== null);
      return toQueue(
        headOf(organisation, first),
        entries.map((row) => ({
          entry: text(row, 'ENTRY'),
          // Written from a deployment's; one of a later version is none that may start.
          status: textOrNull(row, 'STATUS') as DeploymentStatus | null,
        })),
      );
    },
  };
};

function nameOf(organisation: string, of: NameOfQueue): Statement {
  return 'environment' in of
    ? { sql: 'SELECT ?::VARCHAR AS environment', values: [of.environment] }
    : {
        sql: 'SELECT environment FROM deployments WHERE id = ? AND organisation = ?',
        values: [of.id, organisation],
      };
}

function headOf(organisation: string, row: Row): QueueHead {
  return toHead(
    organisation,
    text(row, 'ENVIRONMENT'),
    row['QUEUE_REVISION'] === null
      ? undefined
      : {
          revision: whole(row, 'QUEUE_REVISION'),
          settingsRevision: whole(row, 'SETTINGS_REVISION'),
          settings: textOrNull(row, 'SETTINGS'),
          dueAt: row['DUE_AT'] === null ? null : instant(row, 'DUE_AT'),
        },
  );
}

/** The queues of several environments, as a part of a slice; one without a row has nothing in it. */
export const queues: Reader<'queues'> = (organisation, { environments: names }) => ({
  part: {
    sql: `
    SELECT ${columnsWith({
      environment: 'head.environment',
      revision: 'head.queue_revision',
      notes: 'head.settings',
      updated_at: 'head.due_at',
      description: 'entry.entry',
      status: 'deployments.status',
    })},
           head.settings_revision::VARCHAR AS extra
    FROM environments AS head
    LEFT JOIN queue_entries AS entry
      ON entry.organisation = head.organisation AND entry.environment = head.environment
    LEFT JOIN deployments ON deployments.id = entry.id
    WHERE head.organisation = ? AND head.environment IN ${places(names.length)}`,
    values: [organisation, ...names],
  },
  parse: (rows) =>
    names.map((name) => {
      const own = rows.filter((row) => row['ENVIRONMENT'] === name);
      const entries = own.filter((row) => row['DESCRIPTION'] !== null);
      return toQueue(
        headOfPart(organisation, name, own[0]),
        entries.map((row) => ({
          entry: text(row, 'DESCRIPTION'),
          // As above.
          status: textOrNull(row, 'STATUS') as DeploymentStatus | null,
        })),
      );
    }),
});

/** The head of a queue in a row of a part; where there is none, the first one. */
function headOfPart(organisation: string, environment: string, row: Row | undefined): QueueHead {
  return toHead(
    organisation,
    environment,
    row === undefined || row['REVISION'] === null
      ? undefined
      : {
          revision: whole(row, 'REVISION'),
          settingsRevision: Number(text(row, 'EXTRA')),
          settings: textOrNull(row, 'NOTES'),
          dueAt: row['UPDATED_AT'] === null ? null : instant(row, 'UPDATED_AT'),
        },
  );
}

/** What a queue knows of one deployment: a part of a slice, so that a change of status has no trip more. */
export const ownEntries: Reader<'ownEntries'> = (organisation, { id }) => ({
  part: {
    sql: `
    SELECT ${columnsWith({
      environment: 'named.environment',
      revision: 'head.queue_revision',
      notes: 'head.settings',
      updated_at: 'head.due_at',
      description: 'entry.entry',
    })},
           head.settings_revision::VARCHAR AS extra
    FROM deployments AS named
    LEFT JOIN environments AS head
      ON head.organisation = named.organisation AND head.environment = named.environment
    LEFT JOIN queue_entries AS entry
      ON entry.organisation = named.organisation
         AND entry.environment = named.environment
         AND entry.kind IN ('waiting', 'lease')
         AND entry.id = named.id
    WHERE named.id = ? AND named.organisation = ?`,
    values: [id, organisation],
  },
  parse: (rows) => {
    const [first] = rows;
    if (first === undefined) return undefined;
    const head = headOfPart(organisation, text(first, 'ENVIRONMENT'), first);
    const entries = rows.filter((row) => row['DESCRIPTION'] !== null);
    return toOwnEntries(
      head,
      entries.map((row) => text(row, 'DESCRIPTION')),
    );
  },
});

/** What is in progress in a taxonomy, or in an environment. */
export const inProgress: Reader<'inProgress'> = (organisation, { within }) => {
  const [condition, values] =
    'key' in within
      ? ['taxonomy_key = ? AND organisation = ?', [within.key, organisation]]
      : ['organisation = ? AND environment = ?', [organisation, within.environment]];
  return {
    part: {
      sql: `
    SELECT ${storedColumns.join(', ')}, NULL AS extra
    FROM deployments
    WHERE ${condition} AND status = 'in_progress'`,
      values,
    },
    parse: (rows) => rows.map(toStored).sort(compareCreation),
  };
};

/** Of each taxonomy that a selector names, the first that a worker may start. */
export const autoScheduled: Reader<'autoScheduled'> = (
  organisation,
  { selector, order, approvals, limit },
) => {
  const named = namedParts(selector);
  const isApproved =
    " AND (trigger_kind = 'rollback' OR COALESCE(ARRAY_SIZE(PARSE_JSON(approvals)), 0) >= ?)";
  const conditions = [
    ...named.map(([part]) => ` AND ${part} = ?`),
    ...(approvals > 0 ? [isApproved] : []),
  ].join('');
  const required = approvals > 0 ? [approvals] : [];
  const direction = order === 'newest' ? 'DESC' : 'ASC';
  return {
    part: {
      sql: `
    SELECT ${storedColumns.join(', ')}, NULL AS extra
    FROM deployments
    WHERE organisation = ?${conditions} AND status = 'scheduled' AND auto
    QUALIFY ROW_NUMBER() OVER (
              PARTITION BY taxonomy_key, IFF(trigger_kind = 'rollback', 1, 0)
              ORDER BY created_at ${direction}, id ${direction}
            ) = 1
    ORDER BY created_at, id
    LIMIT ?`,
      values: [organisation, ...named.map(([, value]) => value), ...required, limit],
    },
    parse: (rows) => rows.map(toStored).sort(compareCreation),
  };
};

type Stored = ReturnType<typeof toStored>;

function compareCreation({ deployment: a }: Stored, { deployment: b }: Stored): number {
  return `${a.created_at} ${a.id}` < `${b.created_at} ${b.id}` ? -1 : 1;
}

/** The next fence: a sequence gives no number twice, whatever becomes of the change. */
export const nextFence: Reader<'nextFence'> = () => ({
  statement: { sql: 'SELECT fences.NEXTVAL AS fence', values: [] },
  parse: ([row]) => whole(row ?? {}, 'FENCE'),
});

/** Environments that somebody has set, by name. */
export const environments: Reader<'environments'> = (organisation, { after, limit }) => ({
  statement: {
    sql: `
    SELECT environment AS environment,
           settings AS settings,
           settings_revision AS settings_revision
    FROM environments
    WHERE organisation = ? AND environment > ? AND settings IS NOT NULL
    ORDER BY environment
    LIMIT ?`,
    values: [organisation, after, limit],
  },
  parse: (rows) =>
    rows.map((row) =>
      toEnvironment(text(row, 'ENVIRONMENT'), {
        settings: text(row, 'SETTINGS'),
        settingsRevision: whole(row, 'SETTINGS_REVISION'),
      }),
    ),
});

/** Puts a state of a queue in the place of the one that it was made from, of which a key admits one. */
export function changeQueue(
  changeId: string,
  { from, to, put, removed }: QueueChange,
  tables: TableKind,
): Statement[] {
  const { organisation, stored, revision } = to;
  const { environment: name } = stored.environment;
  const dueAt = to.dueAt === null ? null : toTimestamp(to.dueAt);
  const values = [revision, stored.revision, settingsText(stored), dueAt, changeId];
  const gone = [...removed, ...put].map(({ kind, id }) => `${kind} ${id}`);
  return [
    from === 0
      ? {
          sql: `
    INSERT INTO environments (
      organisation, environment, queue_revision, settings_revision, settings, due_at, change_id
    )
    SELECT ?, ?, ?, ?, ?, ?::TIMESTAMP_NTZ(3), ?`,
          values: [organisation, name, ...values],
        }
      : {
          sql: `
    UPDATE environments
    SET queue_revision = ?,
        settings_revision = ?,
        settings = ?,
        due_at = ?::TIMESTAMP_NTZ(3),
        change_id = ?
    WHERE organisation = ? AND environment = ? AND queue_revision = ?`,
          values: [...values, organisation, name, from],
        },
    ...(tables === 'hybrid' && from > 0
      ? [takeReadings([JSON.stringify(['queue', organisation, name, from])])]
      : []),
    ...(gone.length === 0
      ? []
      : [
          {
            sql: `
    DELETE FROM queue_entries
    WHERE organisation = ? AND environment = ? AND kind || ' ' || id IN ${places(gone.length)}`,
            values: [organisation, name, ...gone],
          },
        ]),
    ...(put.length === 0
      ? []
      : [
          {
            sql: `
    INSERT INTO queue_entries (organisation, environment, kind, id, entry)
    VALUES ${put.map(() => places(5)).join(', ')}`,
            values: put.flatMap((entry) => [
              organisation,
              name,
              entry.kind,
              entry.id,
              JSON.stringify(entry),
            ]),
          },
        ]),
  ];
}

/** What holds once a change has made the next state of a queue: nobody else has made one from the same. */
export function requireNextQueue(changeId: string, { to }: QueueChange): Statement {
  const { organisation, stored } = to;
  return {
    sql: `(SELECT COUNT(*) || ' ' || MAX(change_id)
               FROM environments
               WHERE organisation = ? AND environment = ?) = ?`,
    values: [organisation, stored.environment.environment, `1 ${changeId}`],
  };
}

/** The queues about which something is to be done by now, the longest due first. */
export function dueQueuesStatement(before: string, limit: number): Statement {
  return {
    sql: `
    SELECT organisation AS organisation, environment AS environment, due_at AS due_at
    FROM environments
    WHERE due_at <= ?::TIMESTAMP_NTZ(3)
    ORDER BY due_at
    LIMIT ?`,
    values: [toTimestamp(before), limit],
  };
}

/** Turns a row of that into the name of the queue. */
export function toQueueName(row: Row): QueueName {
  return {
    organisation: text(row, 'ORGANISATION'),
    environment: text(row, 'ENVIRONMENT'),
    dueAt: instant(row, 'DUE_AT'),
  };
}
