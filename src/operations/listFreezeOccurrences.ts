import { occurrencesOf } from '../domain/gates/show.js';
import type { Operation } from './operation.js';

/** Lists when freezes are closed in a span of time. */
export const listFreezeOccurrences: Operation<'listFreezeOccurrences'> = async (
  { query },
  { store },
) => {
  const controls = await store.read({ read: 'controls' });
  return { status: 200, headers: {}, body: occurrencesOf(controls, query) };
};
