import type { Caller } from '../callers/caller.js';
import type { Decided, Decision } from '../decision.js';
import { look, settle } from '../decision.js';
import { firstState } from '../deployments/lifecycle.js';
import type { StoredDeployment } from '../deployments/deployment.js';
import { requireAccess } from '../policies/access.js';
import type { Action } from '../policies/policy.js';
import { recall } from './idempotency.js';
import type { Creation, IdempotentRequest } from './idempotency.js';

/**
 * Creates a deployment once for each `Idempotency-Key`. The first response is given again only to who may
 * still do what it answers.
 *
 * @param request absent, nothing is remembered
 * @param by who asks, and for what
 * @param decide creates it; not asked when the key already has a response
 * @throws ApplicationError `idempotency-key-reused`, `forbidden`, or what `decide` throws, which uses no key up
 */
export function* once(
  request: IdempotentRequest | undefined,
  by: { readonly caller: Caller; readonly action: Action },
  decide: () => Decision<StoredDeployment> | Decided<StoredDeployment>,
): Decision<Creation> {
  if (request !== undefined) {
    const { known, controls } = yield* look({
      known: { read: 'rememberedResponse', owner: request.owner, key: request.key },
      controls: { read: 'controls' },
    });
    const first = recall(known, request);
    if (first !== undefined) {
      requireAccess({ ...by, where: first }, controls);
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
