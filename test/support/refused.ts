import { Refusal } from '../../src/domain/refusal.js';

/** The refusal that an action ends in; an action that ends otherwise fails the test. */
export function refused(action: () => unknown): Refusal {
  try {
    action();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('Nothing was refused');
}
