import type { Deployment } from '../../domain/deployments/deployment.js';
import type { RememberedResponse } from '../../domain/idempotency/idempotency.js';
import type { Row } from './driver.js';
import { instant, text } from './rows.js';

/** Turns the columns of `idempotency_keys` into a first answer. */
export function readAnswer(row: Row): RememberedResponse {
  return {
    fingerprint: text(row, 'FINGERPRINT'),
    rememberedAt: instant(row, 'REMEMBERED_AT'),
    // Written by write.ts, from a deployment; the answer is validated against the contract as well.
    deployment: JSON.parse(text(row, 'DEPLOYMENT')) as Deployment,
  };
}
