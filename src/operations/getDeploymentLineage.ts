import { traceLineage } from '../domain/deployments/lineage.js';
import { deploymentNotFound } from '../domain/errors.js';
import type { Operation } from './operation.js';

/** Traces where a deployment came from and what replaced it. */
export const getDeploymentLineage: Operation<'getDeploymentLineage'> = async (
  { path },
  { caller, store },
) => {
  const id = path.id.toLowerCase();
  const family = await store.family(caller.organisation, id);
  if (family === undefined) throw deploymentNotFound(id);
  return { status: 200, headers: {}, body: traceLineage(family.deployment, family.members) };
};
