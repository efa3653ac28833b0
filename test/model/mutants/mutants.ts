import { claimMutants, seldomMutants } from './claims.js';
import { callerMutants, deploymentMutants, lifeMutants } from './deployments.js';
import { approvalMutants, gateMutants, seldomGateMutants } from './gates.js';
import type { Mutant, noticers } from './mutant.js';
import { rollbackCallMutants, rollbackMutants } from './rollbacks.js';

/** All mutants, by the test that has to notice them. */
export const mutants: Readonly<Record<keyof typeof noticers, readonly Mutant[]>> = {
  calls: [...deploymentMutants, ...rollbackCallMutants],
  histories: [...lifeMutants, ...rollbackMutants],
  claims: [...claimMutants, ...gateMutants, ...approvalMutants],
  callers: callerMutants,
  examples: seldomMutants,
  gateExamples: seldomGateMutants,
};
