import { claimMutants, seldomMutants } from './claims.js';
import { callerMutants, deploymentMutants, lifeMutants } from './deployments.js';
import type { Mutant, noticers } from './mutant.js';
import { rollbackCallMutants, rollbackMutants } from './rollbacks.js';

/** All mutants, by the test that has to notice them. */
export const mutants: Readonly<Record<keyof typeof noticers, readonly Mutant[]>> = {
  calls: [...deploymentMutants, ...rollbackCallMutants],
  histories: [...lifeMutants, ...rollbackMutants],
  claims: claimMutants,
  callers: callerMutants,
  examples: seldomMutants,
};
