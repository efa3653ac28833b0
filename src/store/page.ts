import type { Deployment, StoredDeployment } from '../domain/deployments/deployment.js';
import { compareAge } from '../domain/deployments/order.js';
import { maxPageBytes } from '../domain/deployments/reads.js';
import type { Page } from '../domain/deployments/reads.js';
import { longColumns, restBytes, sizeOf } from '../domain/deployments/size.js';

/** No more than `sizeOf`, as an expression of SQL: its characters are no more than JavaScript's, nor than bytes. */
export const sizeExpression = [
  restBytes,
  ...longColumns.map((field) => `COALESCE(LENGTH(${field}), 0)`),
].join(' + ');

/**
 * Takes as many deployments as a page holds.
 *
 * @param stored as they follow each other; one more than a page holds, where there are more
 */
export function toPage(
  stored: Iterable<Pick<StoredDeployment, 'deployment'>>,
  limit: number,
): Page {
  const deployments: Deployment[] = [];
  let bytes = 0;
  for (const { deployment } of stored) {
    bytes += sizeOf(deployment);
    const isFull = deployments.length === limit || bytes > maxPageBytes;
    if (isFull && deployments.length > 0) return { deployments, more: true };
    deployments.push(deployment);
  }
  return { deployments, more: false };
}

/**
 * Merges pages of lists that have nothing in common, as far as all of them are known.
 *
 * @param pages each newest first
 */
export function mergePages(pages: readonly Page[], limit: number): Page {
  const [only] = pages;
  if (pages.length === 1 && only !== undefined) return only;
  // Beyond the end of a page that goes on, others may not be newer than what it has still to come.
  const ends = pages.flatMap(({ deployments, more }) => (more ? (deployments.at(-1) ?? []) : []));
  const end = ends.sort(compareAge).at(-1);
  const all = pages.flatMap(({ deployments }) => deployments);
  const known = end === undefined ? all : all.filter((each) => compareAge(each, end) >= 0);
  known.sort((a, b) => compareAge(b, a));
  const page = toPage(
    known.map((deployment) => ({ deployment })),
    limit,
  );
  return { deployments: page.deployments, more: page.more || end !== undefined };
}
