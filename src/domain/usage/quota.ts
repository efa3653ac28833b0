import type { Decided, Decision } from '../decision.js';
import { look, settle } from '../decision.js';
import { ApplicationError } from '../errors.js';
import { growthOf } from './growth.js';
import type { Quota } from './usage.js';

/**
 * Lets a tenant store what is decided, unless it would have more than its quota by then. What happens to
 * deployments that are there is always recorded, so this is asked for new ones only.
 *
 * @throws ApplicationError `quota-exceeded`, or what the decision throws
 */
export function* withinQuota<Result>(
  quota: Quota,
  decision: Decision<Result> | Decided<Result>,
): Decision<Result> {
  const { changes, result } = yield* settle(decision);
  if (quota.deployments === 0 && quota.bytes === 0) return { changes, result };
  const { usage } = yield* look({ usage: { read: 'usage' } });
  const added = growthOf(changes);
  refuseBeyond(usage.deployments, added.deployments, quota.deployments, {
    unit: 'deployments',
    setting: 'QUOTA_DEPLOYMENTS',
  });
  refuseBeyond(usage.bytes, added.bytes, quota.bytes, { unit: 'bytes', setting: 'QUOTA_BYTES' });
  return { changes: { ...changes, quota }, result };
}

function refuseBeyond(
  used: number,
  added: number,
  limit: number,
  { unit, setting }: { readonly unit: string; readonly setting: string },
): void {
  if (limit === 0 || used + added <= limit) return;
  throw new ApplicationError(
    'quota-exceeded',
    `The organisation may store ${limit} ${unit} and has ${used}, so there is no room for ${added} more. ` +
      `Trying again does not help: whoever operates this service can raise ${setting}, or have it remove ` +
      'deployments that are over (RETENTION_DAYS)',
  );
}
