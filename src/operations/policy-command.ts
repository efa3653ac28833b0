import type { Caller } from '../domain/callers/caller.js';
import type { PolicyCommand } from '../domain/policies/change.js';
import { policyTag, requireMatch } from './entity-tag.js';

/** The change of a policy, under the condition that `If-Match` sets. */
export function policyCommand(
  name: string,
  caller: Caller,
  ifMatch: string | undefined,
): PolicyCommand {
  return {
    name,
    caller,
    precondition:
      ifMatch === undefined
        ? undefined
        : (policy) => {
            requireMatch(ifMatch, policyTag(policy), 'policy');
          },
  };
}
