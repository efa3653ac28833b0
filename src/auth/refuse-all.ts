import { Refusal } from '../domain/refusal.js';
import type { Authenticate } from './authenticate.js';

/** Lets nobody in: what stands at the door while no way of authentication is configured. */
export const refuseAll: Authenticate = () =>
  Promise.reject(
    new Refusal('unauthenticated', 'Authentication is required, and no way of it is configured'),
  );
