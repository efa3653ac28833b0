import { findLock } from '../domain/gates/locks.js';
import type { Operation } from './operation.js';

/** Reads a lock that is closed. */
export const getLock: Operation<'getLock'> = async ({ path }, { store, clock }) => {
  const controls = await store.read({ read: 'controls' });
  return { status: 200, headers: {}, body: findLock(controls, path.id.toLowerCase(), clock.now()) };
};
