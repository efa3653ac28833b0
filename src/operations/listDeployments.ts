import type { Position } from '../domain/deployments/order.js';
import { filterFields } from '../domain/deployments/reads.js';
import type { ListFilter } from '../domain/deployments/reads.js';
import { decodeCursor, encodeCursor, nextPage } from './cursor.js';
import type { CursorScope } from './cursor.js';
import type { Operation, OperationRequest } from './operation.js';

const defaultLimit = 100;

/** Lists the organisation's deployments, newest first, a page at a time. */
export const listDeployments: Operation<'listDeployments'> = async (
  { query },
  { caller, store },
) => {
  const parameters = parametersOf(query);
  const list = JSON.stringify([...parameters].sort());
  const scope: CursorScope = { organisation: caller.organisation, list };
  const after = query.cursor === undefined ? undefined : positionOf(query.cursor, scope);
  const limit = query.limit ?? defaultLimit;

  const page = await store.read({ read: 'deployments', filter: filterOf(query), after, limit });

  const last = page.deployments.at(-1);
  const cursor =
    page.more && last !== undefined
      ? encodeCursor(`${last.created_at} ${last.id}`, scope)
      : undefined;
  return {
    status: 200,
    headers: nextPage('/v1/deployments', [...parameters, ['limit', String(limit)]], cursor),
    body: [...page.deployments],
  };
};

type Query = OperationRequest<'listDeployments'>['query'];

function filterOf(query: Query): ListFilter {
  return Object.fromEntries(
    filterFields.flatMap((field) => (query[field] === undefined ? [] : [[field, query[field]]])),
  );
}

/** The filters as parameters of a URL. */
function parametersOf(query: Query): [string, string][] {
  return filterFields.flatMap((field) =>
    [query[field] ?? []].flat().map((value): [string, string] => [field, value]),
  );
}

function positionOf(cursor: string, scope: CursorScope): Position {
  const [at = '', id = ''] = decodeCursor(cursor, scope).split(' ');
  return { created_at: at, id };
}
