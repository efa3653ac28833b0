import type { StoredDeployment } from '../../../src/domain/deployments/deployment.js';
import { rollback } from '../../../src/domain/deployments/rollback.js';
import type { RollbackRequest } from '../../../src/domain/deployments/rollback.js';
import { caller, idOf, instantOf, numberOf, storedDeployment } from '../../support/stored.js';
import type { Decided } from '../../../src/domain/decision.js';
import { decideOver } from '../../support/reference-reads.js';
import { refused } from '../../support/refused.js';

/** The taxonomy that the deployments of a history share. */
export const { deployment: taxonomy } = storedDeployment(0);

/** The id and instant of a rollback: newer than every history. */
export const newIdentity = { id: idOf(1000), at: instantOf(1000) };

/** The request for a rollback of the taxonomy, or of a member by its number. */
export function requestFor(
  members: readonly StoredDeployment[],
  { by, to }: { readonly by?: number; readonly to?: string } = {},
): RollbackRequest {
  const from = members.find(({ deployment }) => numberOf(deployment.id) === by)?.deployment;
  if (by !== undefined && from === undefined) throw new Error(`There is no member ${by}`);
  return { selector: from === undefined ? { taxonomy } : { id: from.id }, targetVersion: to };
}

/** Rolls back among these. */
export function rollBack(
  members: readonly StoredDeployment[],
  request: RollbackRequest,
): Decided<StoredDeployment> {
  return decideOver({ deployments: members }, rollback(request, caller, newIdentity));
}

/** Which member a rollback replaces by which: `from -> source`, by number. */
export function decided(members: readonly StoredDeployment[], request: RollbackRequest): string {
  const { deployment } = rollBack(members, request).result;
  const { rollback_from_deployment_id: from, source_deployment_id: source } = deployment;
  return `${numberOf(from ?? '')} -> ${numberOf(source ?? '')}`;
}

/** The code and message of the refusal of a rollback. */
export function refusal(
  members: readonly StoredDeployment[],
  request: RollbackRequest,
): { code: string; message: string } {
  const { code, message } = refused(() => decided(members, request));
  return { code, message };
}
