import { createDeployment } from './createDeployment.js';
import { getDeployment } from './getDeployment.js';
import { getDeploymentLineage } from './getDeploymentLineage.js';
import { listDeploymentEvents } from './listDeploymentEvents.js';
import { listDeployments } from './listDeployments.js';
import type { Operations } from './operation.js';
import { rollbackDeployment } from './rollbackDeployment.js';
import { rollbackTaxonomy } from './rollbackTaxonomy.js';
import { updateDeployment } from './updateDeployment.js';

/** The operations of the contract. Missing or unknown operations fail to compile. */
export const operations: Operations = {
  createDeployment,
  getDeployment,
  getDeploymentLineage,
  listDeploymentEvents,
  listDeployments,
  rollbackDeployment,
  rollbackTaxonomy,
  updateDeployment,
};
