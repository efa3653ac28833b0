import { renew } from '../domain/queue/hold.js';
import { unlessLost } from './held.js';
import type { Operation } from './operation.js';

/** Holds a lease for as long again. */
export const renewLease: Operation<'renewLease'> = async (
  { path, headers },
  { caller, store, clock },
) => {
  const command = { id: path.id.toLowerCase(), caller, token: headers['Lease-Token'] };
  const held = await store.change('renewLease', () => renew(command, clock.now()));
  const { fence, expiresAt } = unlessLost(held).lease;
  return { status: 200, headers: {}, body: { fence, expires_at: expiresAt } };
};
