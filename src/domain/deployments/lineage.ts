import type { components } from '../../../generated/openapi.js';
import type { Deployment } from './deployment.js';
import { compareAge } from './order.js';

/** What a deployment came from and what replaced it, as the contract shows it. */
export type Lineage = components['schemas']['Lineage'];

/**
 * Arranges the relatives of a deployment.
 *
 * @param family deployments among which its relatives are, in any order; others do no harm
 */
export function traceLineage(deployment: Deployment, family: readonly Deployment[]): Lineage {
  const byId = new Map(family.map((member) => [member.id, member]));
  return {
    deployment,
    copied_from: follow(deployment, byId, (member) => member.source_deployment_id),
    replaced: follow(deployment, byId, (member) => member.rollback_from_deployment_id),
    replaced_by: successors(deployment, family),
  };
}

/** The chain of links from a deployment back to the start, the nearest first. */
function follow(
  start: Deployment,
  byId: ReadonlyMap<string, Deployment>,
  link: (member: Deployment) => string | null,
): Deployment[] {
  const chain: Deployment[] = [];
  for (let id = link(start); id !== null;) {
    const member = byId.get(id);
    // Links lead back in time, so there is no circle; a damaged row must not make one.
    if (member === undefined || chain.includes(member)) break;
    chain.push(member);
    id = link(member);
  }
  return chain;
}

/** The rollbacks from a deployment and from those, oldest first. */
function successors(start: Deployment, family: readonly Deployment[]): Deployment[] {
  const found = new Set<Deployment>();
  const replaced = [start.id];
  for (const id of replaced) {
    for (const member of family) {
      if (member.rollback_from_deployment_id !== id || found.has(member)) continue;
      found.add(member);
      replaced.push(member.id);
    }
  }
  return [...found].sort(compareAge);
}
