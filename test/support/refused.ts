import { ApplicationError } from '../../src/domain/errors.js';

/** The refusal that an action ends in; an action that ends otherwise fails the test. */
export function refused(action: () => unknown): ApplicationError {
  try {
    action();
  } catch (error) {
    if (error instanceof ApplicationError) return error;
    throw error;
  }
  throw new Error('Nothing was refused');
}
