import { positionOf } from '../domain/queue/position.js';
import type { Operation } from './operation.js';

/** Says where a deployment stands, and what it waits for. */
export const getQueuePosition: Operation<'getQueuePosition'> = async (
  { path },
  { store, clock },
) => {
  const id = path.id.toLowerCase();
  const body = await store.change('queuePosition', () => positionOf(id, clock.now()));
  return { status: 200, headers: {}, body };
};
