import { randomUUID } from 'node:crypto';
import { toFeedPage } from '../../domain/feed/feed.js';
import type { FeedPage, FeedQuery } from '../../domain/feed/feed.js';
import { feedDeploymentColumns } from '../feed-rows.js';
import { eventColumnsOf, toEvent, toFeedDeployment } from './deployments/rows.js';
import type { Row, Statement } from './statement.js';
import { whole } from './values.js';

/** So many events get their positions at once. */
const numberedAtOnce = 1_000;

/**
 * The entries after a place, each with where the feed ends and how many have no position yet; a row without an entry
 * where there is none.
 */
export function feedStatement(organisation: string, { from, limit }: FeedQuery): Statement {
  const end =
    'SELECT COALESCE(MAX(position), 0)::NUMBER(18, 0) AS position FROM feeds WHERE organisation = ?';
  const [start, ofStart] =
    'after' in from ? ['?', [from.after]] : [`(${end}) - ?`, [organisation, from.last]];
  return {
    sql: `
    SELECT feed.position AS feed_end, unnumbered.events AS unnumbered, entry.*
    FROM (${end}) AS feed
    CROSS JOIN (
      SELECT COUNT(*) AS events
      FROM (
        SELECT 1 AS one
        FROM deployment_events
        WHERE organisation = ? AND feed_position = 0
        LIMIT ${numberedAtOnce}
      ) AS unplaced
    ) AS unnumbered
    LEFT JOIN (
      SELECT feed_position, ${feedDeploymentColumns}, ${eventColumnsOf('deployment_events')}
      FROM deployment_events
      JOIN deployments ON deployments.id = deployment_events.deployment_id
      WHERE deployment_events.organisation = ? AND feed_position > 0 AND feed_position > ${start}
      ORDER BY feed_position
      LIMIT ?
    ) AS entry ON TRUE
    ORDER BY feed_position`,
    values: [organisation, organisation, organisation, ...ofStart, limit],
  };
}

/** How many events have no position yet. */
export function unnumberedOf([first]: readonly Row[]): number {
  return first === undefined ? 0 : whole(first, 'UNNUMBERED');
}

/** What it gives, once all events have a position. */
export function toPage(rows: readonly Row[], query: FeedQuery): FeedPage {
  const [first] = rows;
  const end = first === undefined ? 0 : whole(first, 'FEED_END');
  const entries = rows
    .filter((row) => row['FEED_POSITION'] !== null)
    .map((row) => ({
      position: whole(row, 'FEED_POSITION'),
      deployment: toFeedDeployment(row),
      event: toEvent(row),
    }));
  return toFeedPage(entries, query, end);
}

/**
 * Gives positions to events that have none, the oldest first, as one transaction. Only one of these goes on at a time for
 * a tenant: the first statement waits for the row that another one holds, those after it see what that one has done.
 * Its repetition does no harm. When the row is new, its key ends the second of two that make it.
 */
export function numberStatements(organisation: string): Statement[] {
  const id = randomUUID();
  return [
    { sql: 'UPDATE feeds SET change_id = ? WHERE organisation = ?', values: [id, organisation] },
    {
      sql: `
    INSERT INTO feeds (organisation, position, change_id)
    SELECT ?, 0, ?
    FROM (SELECT 1 AS one) AS always
    WHERE NOT EXISTS (SELECT 1 FROM feeds WHERE organisation = ?)`,
      values: [organisation, id, organisation],
    },
    {
      sql: `
    UPDATE deployment_events
    SET feed_position = numbered.feed_position
    FROM (
      SELECT deployment_id, revision,
             feeds.position + ROW_NUMBER() OVER (ORDER BY occurred_at, deployment_id, revision) AS feed_position
      FROM (
        SELECT organisation, deployment_id, revision, occurred_at
        FROM deployment_events
        WHERE organisation = ? AND feed_position = 0
        ORDER BY occurred_at, deployment_id, revision
        LIMIT ${numberedAtOnce}
      ) AS next
      JOIN feeds ON feeds.organisation = next.organisation
    ) AS numbered
    WHERE deployment_events.deployment_id = numbered.deployment_id
      AND deployment_events.revision = numbered.revision`,
      values: [organisation],
    },
    {
      sql: `
    UPDATE feeds
    SET position = numbered.last_position
    FROM (
      SELECT MAX(deployment_events.feed_position) AS last_position
      FROM deployment_events
      JOIN feeds ON feeds.organisation = deployment_events.organisation
      WHERE deployment_events.organisation = ?
        AND deployment_events.feed_position > feeds.position
    ) AS numbered
    WHERE feeds.organisation = ? AND numbered.last_position IS NOT NULL`,
      values: [organisation, organisation],
    },
  ];
}
