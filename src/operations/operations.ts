import { approveDeployment } from './approveDeployment.js';
import { cancelDeployments } from './cancelDeployments.js';
import { checkPolicies } from './checkPolicies.js';
import { claimDeployment } from './claimDeployment.js';
import { claimNext } from './claimNext.js';
import { compareEnvironments } from './compareEnvironments.js';
import { createDeployment } from './createDeployment.js';
import { createFreeze } from './createFreeze.js';
import { createFreezeCalendar } from './createFreezeCalendar.js';
import { createLock } from './createLock.js';
import { deleteFreeze } from './deleteFreeze.js';
import { deleteFreezeCalendar } from './deleteFreezeCalendar.js';
import { deletePolicy } from './deletePolicy.js';
import { getDeployment } from './getDeployment.js';
import { getDeploymentLineage } from './getDeploymentLineage.js';
import { getEnvironment } from './getEnvironment.js';
import { getFreeze } from './getFreeze.js';
import { getLock } from './getLock.js';
import { getPolicy } from './getPolicy.js';
import { getQueuePosition } from './getQueuePosition.js';
import { listCurrent } from './listCurrent.js';
import { listDeploymentEvents } from './listDeploymentEvents.js';
import { listDeployments } from './listDeployments.js';
import { listEnvironments } from './listEnvironments.js';
import { listEvents } from './listEvents.js';
import { listFreezeCalendars } from './listFreezeCalendars.js';
import { listFreezeOccurrences } from './listFreezeOccurrences.js';
import { listFreezes } from './listFreezes.js';
import { listGateEvents } from './listGateEvents.js';
import { listLocks } from './listLocks.js';
import { listPolicies } from './listPolicies.js';
import { listPolicyEvents } from './listPolicyEvents.js';
import type { Operations } from './operation.js';
import { putEnvironment } from './putEnvironment.js';
import { putPolicy } from './putPolicy.js';
import { rejectDeployment } from './rejectDeployment.js';
import { releaseLease } from './releaseLease.js';
import { releaseLock } from './releaseLock.js';
import { renewLease } from './renewLease.js';
import { rollbackDeployment } from './rollbackDeployment.js';
import { rollbackTaxonomy } from './rollbackTaxonomy.js';
import { streamEvents } from './streamEvents.js';
import { updateDeployment } from './updateDeployment.js';

/** The operations of the contract. Missing or unknown operations fail to compile. */
export const operations: Operations = {
  approveDeployment,
  cancelDeployments,
  checkPolicies,
  claimDeployment,
  claimNext,
  compareEnvironments,
  createDeployment,
  createFreeze,
  createFreezeCalendar,
  createLock,
  deleteFreeze,
  deleteFreezeCalendar,
  deletePolicy,
  getDeployment,
  getDeploymentLineage,
  getEnvironment,
  getFreeze,
  getLock,
  getPolicy,
  getQueuePosition,
  listCurrent,
  listDeploymentEvents,
  listDeployments,
  listEnvironments,
  listEvents,
  listFreezeCalendars,
  listFreezeOccurrences,
  listFreezes,
  listGateEvents,
  listLocks,
  listPolicies,
  listPolicyEvents,
  putEnvironment,
  putPolicy,
  rejectDeployment,
  releaseLease,
  releaseLock,
  renewLease,
  rollbackDeployment,
  rollbackTaxonomy,
  streamEvents,
  updateDeployment,
};
