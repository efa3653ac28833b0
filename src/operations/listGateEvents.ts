import type { GateEvent } from '../domain/gates/gate.js';
import { pageOf, startOf } from './listed.js';
import type { List } from './listed.js';
import type { Operation } from './operation.js';

/** Lists the events of locks and freezes, oldest first, a page at a time. */
export const listGateEvents: Operation<'listGateEvents'> = async ({ query }, { caller, store }) => {
  const list: List<GateEvent> = {
    scope: { organisation: caller.organisation, list: 'gate events' },
    path: '/v1/gates/events',
    keyOf: ({ revision }) => String(revision),
  };
  const { after, limit } = startOf(list, query);
  const found = await store.read({
    read: 'gateEvents',
    after: Number(after ?? 0),
    limit: limit + 1,
  });
  return pageOf(list, found, limit);
};
