import { checkPolicies } from './checkPolicies.js';
import { createDeployment } from './createDeployment.js';
import { deletePolicy } from './deletePolicy.js';
import { getDeployment } from './getDeployment.js';
import { getDeploymentLineage } from './getDeploymentLineage.js';
import { getPolicy } from './getPolicy.js';
import { listDeploymentEvents } from './listDeploymentEvents.js';
import { listDeployments } from './listDeployments.js';
import { listPolicies } from './listPolicies.js';
import { listPolicyEvents } from './listPolicyEvents.js';
import type { Operations } from './operation.js';
import { putPolicy } from './putPolicy.js';
import { rollbackDeployment } from './rollbackDeployment.js';
import { rollbackTaxonomy } from './rollbackTaxonomy.js';
import { updateDeployment } from './updateDeployment.js';

/** The operations of the contract. Missing or unknown operations fail to compile. */
export const operations: Operations = {
  checkPolicies,
  createDeployment,
  deletePolicy,
  getDeployment,
  getDeploymentLineage,
  getPolicy,
  listDeploymentEvents,
  listDeployments,
  listPolicies,
  listPolicyEvents,
  putPolicy,
  rollbackDeployment,
  rollbackTaxonomy,
  updateDeployment,
};
