import type { Deployment } from './deployment.js';

/** What decides which of two deployments is the newer. */
export type Position = Pick<Deployment, 'created_at' | 'id'>;

/**
 * Compares by `(created_at, id)`.
 *
 * @returns negative when `a` is older than `b`, positive when newer, 0 for the same position
 */
export function compareAge(a: Position, b: Position): number {
  // Both are fixed-width ASCII, so the order of the text is the order of what it stands for.
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? -1 : 1;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}
