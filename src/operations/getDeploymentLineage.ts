import { traceLineage } from '../domain/deployments/lineage.js';
import { deploymentNotFound } from '../domain/errors.js';
import type { Operation } from './operation.js';

/** Traces where a deployment came from and what replaced it. */
export const getDeploymentLineage: Operation<'getDeploymentLineage'> = async (
  { path },
  { store },
) => {
  const id = path.id.toLowerCase();
  const members = await store.read({ read: 'lineage', id });
  const deployment = members.find((member) => member.id === id);
  if (deployment === undefined) throw deploymentNotFound(id);
  return { status: 200, headers: {}, body: traceLineage(deployment, members) };
};
