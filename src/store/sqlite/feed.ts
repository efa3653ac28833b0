import { startOf, toFeedPage } from '../../domain/feed/feed.js';
import type { FeedPage, FeedQuery } from '../../domain/feed/feed.js';
import { feedDeploymentColumns, toFeedEntry } from '../feed-rows.js';
import type { Database } from './database.js';
import { eventColumnsOf, toEvent } from './deployments/rows.js';
import type { Source } from './source.js';

/**
 * Makes room at the end of a tenant's feed; inside the transaction that fills it.
 *
 * @returns the last position before
 */
export function lengthenFeed(database: Database, organisation: string, by: number): number {
  const row = database.prepare(lengthen).get(organisation, by);
  return Number(row?.['position']) - by;
}

const lengthen = `
  INSERT INTO feeds (organisation, position) VALUES (?, ?)
  ON CONFLICT (organisation) DO UPDATE SET position = feeds.position + excluded.position
  RETURNING position`;

/** A part of a tenant's feed. */
export function readFeed({ organisation, database }: Source, query: FeedQuery): FeedPage {
  const end = Number(database.prepare(lastPosition).get(organisation)?.['position'] ?? 0);
  const rows = database
    .prepare(entries)
    .all(organisation, startOf(query.from, end), query.limit)
    .map((row) => toFeedEntry(row, toEvent));
  return toFeedPage(rows, query, end);
}

const lastPosition = 'SELECT position FROM feeds WHERE organisation = ?';

const entries = `
  SELECT feed_position, ${feedDeploymentColumns}, ${eventColumnsOf('deployment_events')}
  FROM deployment_events INDEXED BY deployment_events_feed
  CROSS JOIN deployments
  WHERE deployment_events.organisation = ? AND feed_position > ?
    AND deployments.id = deployment_events.deployment_id
  ORDER BY feed_position
  LIMIT ? + 0`;
