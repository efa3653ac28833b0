import type { Decided, Decision } from '../decision.js';
import { look, settle } from '../decision.js';
import { firstState } from '../deployments/lifecycle.js';
import type { StoredDeployment } from '../deployments/deployment.js';
import { recall } from './idempotency.js';
import type { Creation, IdempotentRequest } from './idempotency.js';

/**
 * Creates a deployment once for each `Idempotency-Key`.
 *
 * @param request absent, nothing is remembered
 * @param decide creates it; not asked when the key already has a response
 * @throws ApplicationError `idempotency-key-reused`, or what `decide` throws, which uses no key up
 */
export function* once(
  request: IdempotentRequest | undefined,
  decide: () => Decision<StoredDeployment> | Decided<StoredDeployment>,
): Decision<Creation> {
  if (request !== undefined) {
    const { known } = yield* look({
      known: { read: 'rememberedResponse', owner: request.owner, key: request.key },
    });
    const first = recall(known, request);
    if (first !== undefined) {
      return { changes: {}, result: { stored: firstState(first), replayed: true } };
    }
  }
  const { changes, result: stored } = yield* settle(decide());
  const response = request && { ...request, deployment: stored.deployment };
  return {
    changes: response === undefined ? changes : { ...changes, response },
    result: { stored, replayed: false },
  };
}
