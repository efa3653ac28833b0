import type { z } from 'zod';
import { wholeNumber } from './fields.js';

/** What the metrics tell, and what it may cost. */
export interface MetricsSettings {
  /** How many organisations have labels of their own, and how many environments of the queue. */
  readonly labelLimit: number;
  /** The shortest time between two looks at the depth of the queue, in seconds; 0 for none. */
  readonly queueDepthSeconds: number;
}

export const metricsFields = {
  METRICS_LABEL_LIMIT: wholeNumber(100, 1, 10_000, 'a number of labels'),
  METRICS_QUEUE_DEPTH_SECONDS: wholeNumber(0, 0, 86_400, 'a number of seconds').unwrap().optional(),
};

type Fields = { [Name in keyof typeof metricsFields]: z.output<(typeof metricsFields)[Name]> };

/**
 * A statement every 15 seconds costs SQLite and PostgreSQL nothing. On Snowflake any wakes a warehouse, which bills a minute at
 * least, so nothing is asked there unless somebody wants to pay for it.
 */
const defaultDepthSeconds = { sqlite: 15, postgres: 15, snowflake: 0 };

/** @param store the kind of store, which decides what a look at the queue costs */
export function toMetricsSettings(
  { METRICS_LABEL_LIMIT, METRICS_QUEUE_DEPTH_SECONDS }: Fields,
  store: keyof typeof defaultDepthSeconds,
): MetricsSettings {
  return {
    labelLimit: METRICS_LABEL_LIMIT,
    queueDepthSeconds: METRICS_QUEUE_DEPTH_SECONDS ?? defaultDepthSeconds[store],
  };
}
