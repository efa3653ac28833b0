import { toFeedPage } from '../../domain/feed/feed.js';
import type { FeedPage, FeedQuery } from '../../domain/feed/feed.js';
import { feedDeploymentColumns, toFeedEntry } from '../feed-rows.js';
import { eventColumnsOf, toEvent } from './deployments/rows.js';
import type { Row, Statement } from './statement.js';

/** So many events get their positions at once: about a tenth of a second. */
export const numberedAtOnce = 5_000;

/** Gives positions to events that have none; to how many. Its repetition does no harm. */
export function numberStatement(organisation: string): Statement {
  return {
    sql: 'SELECT number_feed($1, $2) AS numbered',
    values: [organisation, numberedAtOnce],
  };
}

/** Where a tenant's feed ends. */
export function endStatement(organisation: string): Statement {
  return { sql: lastPosition, values: [organisation] };
}

/** The entries after a place. */
export function entriesStatement(organisation: string, { from, limit }: FeedQuery): Statement {
  const start = 'after' in from ? '$2::bigint' : `(${lastPosition}) - $2::bigint`;
  return {
    sql: `
      SELECT feed_position, ${feedDeploymentColumns}, ${eventColumnsOf('deployment_events')}
      FROM deployment_events
      JOIN deployments ON deployments.id = deployment_events.deployment_id
      WHERE deployment_events.organisation = $1 AND feed_position > 0 AND feed_position > ${start}
      ORDER BY feed_position
      LIMIT $3`,
    values: [organisation, 'after' in from ? from.after : from.last, limit],
  };
}

const lastPosition = 'SELECT position FROM feeds WHERE organisation = $1';

/** What the two of them give, of one state of the data. */
export function toPage([end = [], entries = []]: readonly Row[][], query: FeedQuery): FeedPage {
  const found = entries.map((row) => toFeedEntry(row, toEvent));
  return toFeedPage(found, query, Number(end[0]?.['position'] ?? 0));
}
