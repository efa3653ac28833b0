import type { Status01 } from './file-of-0-1.js';

type Seconds = number | null;

/**
 * What became of deployments of 0.1, and what 0.2 says of their present attempt: when it began and ended, and
 * when the deployment was deployed last. The registration takes the first second, and each change one more.
 */
export const attempts: readonly (readonly [
  history: readonly Status01[],
  started: Seconds,
  finished: Seconds,
  deployed: Seconds,
])[] = [
  [[], null, null, null],
  [['in_progress'], 2, null, null],
  [['deployed'], 2, 2, 2],
  [['failed'], null, null, null],
  [['skipped'], null, null, null],
  [['in_progress', 'deployed'], 2, 3, 3],
  [['in_progress', 'failed'], 2, 3, null],
  [['in_progress', 'skipped'], 2, 3, null],
  [['in_progress', 'scheduled'], null, null, null],
  [['in_progress', 'scheduled', 'failed'], null, null, null],
  [['in_progress', 'scheduled', 'deployed'], 4, 4, 4],
  [['deployed', 'failed'], 2, 2, 2],
  [['in_progress', 'deployed', 'failed'], 2, 3, 3],
  [['in_progress', 'failed', 'in_progress'], 4, null, null],
  [['in_progress', 'failed', 'in_progress', 'failed'], 4, 5, null],
  [['in_progress', 'failed', 'scheduled'], null, null, null],
  [['in_progress', 'failed', 'deployed'], 2, 4, 4],
  [['in_progress', 'failed', 'skipped'], 2, 3, null],
  [['failed', 'deployed'], 3, 3, 3],
  [['skipped', 'scheduled'], null, null, null],
  [['skipped', 'scheduled', 'in_progress'], 4, null, null],
  [['deployed', 'failed', 'scheduled'], null, null, 2],
  [['deployed', 'failed', 'scheduled', 'failed'], null, null, 2],
  [['deployed', 'failed', 'in_progress'], 4, null, 2],
  [['deployed', 'failed', 'in_progress', 'failed'], 4, 5, 2],
  [['deployed', 'failed', 'deployed'], 2, 4, 4],
  [['deployed', 'failed', 'skipped'], 2, 2, 2],
];
