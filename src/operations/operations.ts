import { createDeployment } from './createDeployment.js';
import { getDeployment } from './getDeployment.js';
import { getDeploymentLineage } from './getDeploymentLineage.js';
import { listDeploymentEvents } from './listDeploymentEvents.js';
import { listDeployments } from './listDeployments.js';
import type { Operations } from './operation.js';
import { rollbackDeployment } from './rollbackDeployment.js';
import { rollbackTaxonomy } from './rollbackTaxonomy.js';
import { updateDeployment } from './updateDeployment.js';

/** What answers each operation of the contract; an omission or a stranger does not compile. */
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
