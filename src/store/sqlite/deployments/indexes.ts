/**
 * The condition of the index `deployments_by_taxonomy`, which SQLite does not infer from one status, and what lets it
 * walk there along what waits, or is in progress, in the order of registration: neither has ended.
 */
export const openInTaxonomyOf = (table: string): string =>
  `${table}.status <> 'skipped' AND ${table}.finished_at IS NULL`;

/** The same where there is but one table. */
export const openInTaxonomy = openInTaxonomyOf('deployments');

/** The same index, for what has ended: what had not begun has not ended either. */
export const endedInTaxonomy = "status <> 'skipped' AND finished_at IS NOT NULL";

/** The condition of the index `deployments_in_queue`, which SQLite does not infer from one of the two. */
export const inQueue = "status IN ('scheduled', 'in_progress')";
