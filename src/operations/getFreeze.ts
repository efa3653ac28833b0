import { findFreeze } from '../domain/gates/freezes.js';
import { showFreeze } from '../domain/gates/show.js';
import type { Operation } from './operation.js';

/** Reads a freeze, as it stands now. */
export const getFreeze: Operation<'getFreeze'> = async ({ path }, { store, clock }) => {
  const controls = await store.read({ read: 'controls' });
  const freeze = findFreeze(controls, path.id.toLowerCase());
  return { status: 200, headers: {}, body: showFreeze(freeze, clock.now()) };
};
