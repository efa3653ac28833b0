import { cancelDeployments } from './cancelDeployments.js';
import { checkPolicies } from './checkPolicies.js';
import { claimDeployment } from './claimDeployment.js';
import { claimNext } from './claimNext.js';
import { compareEnvironments } from './compareEnvironments.js';
import { createDeployment } from './createDeployment.js';
import { deletePolicy } from './deletePolicy.js';
import { getDeployment } from './getDeployment.js';
import { getDeploymentLineage } from './getDeploymentLineage.js';
import { getEnvironment } from './getEnvironment.js';
import { getPolicy } from './getPolicy.js';
import { getQueuePosition } from './getQueuePosition.js';
import { listCurrent } from './listCurrent.js';
import { listDeploymentEvents } from './listDeploymentEvents.js';
import { listDeployments } from './listDeployments.js';
import { listEnvironments } from './listEnvironments.js';
import { listEvents } from './listEvents.js';
import { listPolicies } from './listPolicies.js';
import { listPolicyEvents } from './listPolicyEvents.js';
import { putEnvironment } from './putEnvironment.js';
import type { Operations } from './operation.js';
import { putPolicy } from './putPolicy.js';
import { releaseLease } from './releaseLease.js';
import { renewLease } from './renewLease.js';
import { rollbackDeployment } from './rollbackDeployment.js';
import { rollbackTaxonomy } from './rollbackTaxonomy.js';
import { streamEvents } from './streamEvents.js';
import { updateDeployment } from './updateDeployment.js';

/** The operations of the contract. Missing or unknown operations fail to compile. */
export const operations: Operations = {
  cancelDeployments,
  checkPolicies,
  claimDeployment,
  claimNext,
  compareEnvironments,
  createDeployment,
  deletePolicy,
  getDeployment,
  getDeploymentLineage,
  getEnvironment,
  getPolicy,
  getQueuePosition,
  listCurrent,
  listDeploymentEvents,
  listDeployments,
  listEnvironments,
  listEvents,
  listPolicies,
  listPolicyEvents,
  putEnvironment,
  putPolicy,
  releaseLease,
  renewLease,
  rollbackDeployment,
  rollbackTaxonomy,
  streamEvents,
  updateDeployment,
};
