import { filterFields } from '../domain/deployments/reads.js';
import type { ListFilter, Page } from '../domain/deployments/reads.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import type { CursorScope } from './cursor.js';
import type { Operation, OperationRequest } from './operation.js';

const defaultLimit = 100;

/** Lists the organisation's deployments, newest first, a page at a time. */
export const listDeployments: Operation<'listDeployments'> = async (
  { query },
  { caller, store },
) => {
  const { organisation } = caller;
  const filter = filterOf(query);
  const scope = { organisation, filter };
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, scope);
  const limit = query.limit ?? defaultLimit;

  const page = await store.read({ read: 'deployments', filter, after, limit });

  const next = nextPage(page, limit, scope);
  return {
    status: 200,
    headers: next === undefined ? {} : { Link: `<${next}>; rel="next"` },
    body: [...page.deployments],
  };
};

function filterOf(query: OperationRequest<'listDeployments'>['query']): ListFilter {
  return Object.fromEntries(
    filterFields.flatMap((field) => (query[field] === undefined ? [] : [[field, query[field]]])),
  );
}

function nextPage(
  { deployments, more }: Page,
  limit: number,
  scope: CursorScope,
): string | undefined {
  const last = deployments.at(-1);
  if (!more || last === undefined) return undefined;
  const cursor = encodeCursor(last, scope);
  const parameters = new URLSearchParams({ ...scope.filter, limit: String(limit), cursor });
  return `/v1/deployments?${parameters.toString()}`;
}
