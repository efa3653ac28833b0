import type { components } from '../../../generated/openapi.js';
import type { Deployment } from './deployment.js';
import { compareAge } from './order.js';
import { maxPageBytes } from './reads.js';
import { sizeOf } from './size.js';

/** What a deployment came from and what replaced it, as the contract shows it. */
export type Lineage = components['schemas']['Lineage'];

/** How many deployments are shown in each direction. */
export const maxLineage = 100;

/** A direction ends once its deployments take about so many bytes, and shows at least one. */
const maxDirectionBytes = maxPageBytes / 3;

/**
 * Arranges the members of a deployment's lineage, the nearest of each direction.
 *
 * @param members deployments among which they are, in any order; others do no harm
 */
export function traceLineage(deployment: Deployment, members: readonly Deployment[]): Lineage {
  const byId = new Map(members.map((member) => [member.id, member]));
  const copied = follow(deployment, byId, (member) => member.source_deployment_id);
  const replaced = follow(deployment, byId, (member) => member.rollback_from_deployment_id);
  const replacedBy = successors(deployment, members);
  const shown = {
    copied_from: nearest(copied),
    replaced: nearest(replaced),
    replaced_by: nearest(replacedBy).sort(compareAge),
  };
  return {
    deployment,
    ...shown,
    more: {
      copied_from: copied.length > shown.copied_from.length,
      replaced: replaced.length > shown.replaced.length,
      replaced_by: replacedBy.length > shown.replaced_by.length,
    },
  };
}

/** As many as are shown of a direction, of which the nearest come first. */
function nearest(direction: readonly Deployment[]): Deployment[] {
  let bytes = 0;
  const beyond = direction.findIndex((each, index) => {
    bytes += sizeOf(each);
    return index === maxLineage || (index > 0 && bytes > maxDirectionBytes);
  });
  return direction.slice(0, beyond === -1 ? undefined : beyond);
}

/** The chain of links from a deployment back to the start, the nearest first. */
function follow(
  start: Deployment,
  byId: ReadonlyMap<string, Deployment>,
  link: (member: Deployment) => string | null,
): Deployment[] {
  // Links lead back in time, so there is no circle; a damaged row must not make one.
  const chain = new Set<Deployment>();
  for (let id = link(start); id !== null;) {
    const member = byId.get(id);
    if (member === undefined || chain.has(member)) break;
    chain.add(member);
    id = link(member);
  }
  return [...chain];
}

/** The rollbacks from a deployment, then those from these and so on; oldest first among equals. */
function successors(start: Deployment, members: readonly Deployment[]): Deployment[] {
  const byReplaced = new Map<string, Deployment[]>();
  for (const member of [...members].sort(compareAge)) {
    const id = member.rollback_from_deployment_id;
    if (id !== null) byReplaced.set(id, [...(byReplaced.get(id) ?? []), member]);
  }
  const found = new Set<Deployment>();
  const replaced = [start.id];
  for (const id of replaced) {
    for (const member of byReplaced.get(id) ?? []) {
      if (found.has(member) || member.id === start.id) continue;
      found.add(member);
      replaced.push(member.id);
    }
  }
  return [...found];
}
