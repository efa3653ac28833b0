import { createHash } from 'node:crypto';
import type { Clock } from '../platform/clock.js';
import type { Caller } from '../domain/callers/caller.js';
import type { Creation, IdempotentRequest } from '../domain/idempotency/idempotency.js';
import { keyOwner } from '../domain/callers/caller.js';
import { entityTag } from './entity-tag.js';
import type { OperationId, OperationResponse } from './operation.js';

/** What makes a request the same as another one under its `Idempotency-Key`. */
interface RequestContent {
  readonly operationId: OperationId;
  readonly path?: Record<string, unknown>;
  readonly query?: Record<string, unknown>;
  readonly body?: Record<string, unknown>;
}

/** Names a request by its caller, key and content; `undefined` when it has no key. */
export function idempotentRequest(
  caller: Caller,
  key: string | undefined,
  { operationId, path = {}, query = {}, body = {} }: RequestContent,
  clock: Clock,
): IdempotentRequest | undefined {
  if (key === undefined) return undefined;
  // All three are flat, so sorted entries are the same for the same content in any order.
  const content = [operationId, ...[path, query, body].map((part) => Object.entries(part).sort())];
  const fingerprint = createHash('sha256').update(JSON.stringify(content)).digest('base64url');
  return { owner: keyOwner(caller), key, fingerprint, at: clock.now() };
}

/** The answer to a call that created a deployment, now or earlier under the same key. */
export function created({ stored, replayed }: Creation): OperationResponse<'createDeployment'> {
  return {
    status: 201,
    headers: {
      Location: `/v1/deployments/${stored.deployment.id}`,
      ETag: entityTag(stored),
      ...(replayed && { 'Idempotent-Replayed': 'true' as const }),
    },
    body: stored.deployment,
  };
}
