import type { ChangeSet } from '../changes.js';

/** The environments in which somebody's turn may have come by a change. */
export function changedEnvironments({ queue, deployments = {} }: ChangeSet): Set<string> {
  const { created = [], updated = [] } = deployments;
  const environments = new Set(updated.map(({ to }) => to.deployment.environment));
  // What is new is for nobody but workers.
  for (const { deployment } of created) {
    if (deployment.auto) environments.add(deployment.environment);
  }
  if (queue !== undefined) environments.add(queue.to.stored.environment.environment);
  return environments;
}
