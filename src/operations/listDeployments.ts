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
  const filter = filterOf(query);
  const parameters = parametersOf(filter);
  const { organisation } = caller;
  const scope: CursorScope = { organisation, list: JSON.stringify([...parameters].sort()) };
  const after = query.cursor === undefined ? undefined : positionOf(query.cursor, scope);
  const limit = query.limit ?? defaultLimit;

  const page = await store.read({ read: 'deployments', filter, after, limit });

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
  const sent = filterFields.filter((field) => query[field] !== undefined);
  return Object.fromEntries(sent.map((field) => [field, query[field]]));
}

/** The filters as parameters of a URL. */
function parametersOf(filter: ListFilter): [string, string][] {
  return Object.entries(filter).flatMap(([field, value]) =>
    [value].flat().map((each): [string, string] => [field, each]),
  );
}

function positionOf(cursor: string, scope: CursorScope): Position {
  const [at = '', id = ''] = decodeCursor(cursor, scope).split(' ');
  return { created_at: at, id };
}
