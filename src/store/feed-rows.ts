import type { FeedDeployment, FeedEntry } from '../domain/feed/feed.js';
import { feedDeploymentFields } from '../domain/feed/feed.js';

/** The columns of its deployment that an entry of a feed has, as a SELECT list. */
export const feedDeploymentColumns = feedDeploymentFields
  .map((name) => `deployments.${name}`)
  .join(', ');

/**
 * Takes a row of a feed apart, which has `feed_position`, those columns, and those of an event.
 *
 * @param toEvent makes an event of the columns that are its own
 */
export function toFeedEntry<Row extends Readonly<Record<string, unknown>>>(
  row: Row,
  toEvent: (row: Omit<Row, 'feed_position'>) => FeedEntry['event'],
): FeedEntry {
  const { feed_position: position, ...rest } = row;
  const event: Record<string, unknown> = rest;
  const deployment: Partial<Record<keyof FeedDeployment, unknown>> = {};
  for (const field of feedDeploymentFields) {
    deployment[field] = event[field];
    Reflect.deleteProperty(event, field);
  }
  return {
    position: Number(position),
    // The columns are its fields.
    deployment: deployment as unknown as FeedDeployment,
    event: toEvent(event as Omit<Row, 'feed_position'>),
  };
}
