import type { Caller } from '../callers/caller.js';
import type { Decision } from '../decision.js';
import { look } from '../decision.js';
import { requireAccess } from '../policies/access.js';
import { changeOfQueue } from '../queue/change.js';
import { defaultEnvironment } from './environment.js';
import type { EnvironmentPut, StoredEnvironment } from './environment.js';

/** Which environment is to change, by whom, and under which condition. */
export interface EnvironmentCommand {
  readonly name: string;
  readonly caller: Caller;
  /** Throws when the settings are not those that the caller is content with. */
  readonly precondition: (stored: StoredEnvironment) => void;
}

/**
 * Sets how an environment is queued for. What is left out is as it is in an environment that nobody has set.
 *
 * @param at when, RFC 3339 in UTC with milliseconds
 * @throws ApplicationError `forbidden`, or what the precondition throws
 */
export function* putEnvironment(
  { name, caller, precondition }: EnvironmentCommand,
  put: EnvironmentPut,
  at: string,
): Decision<StoredEnvironment> {
  const { queue, controls } = yield* look({
    queue: { read: 'queue', environment: name } as const,
    controls: { read: 'controls' } as const,
  });
  requireAccess({ caller, action: 'configure', where: undefined }, controls);
  if (queue === undefined) throw new Error(`The environment ${name} has no queue`);
  const present = queue.head.stored;
  precondition(present);
  const defaults = defaultEnvironment(name).environment;
  const { updated_at: changedAt } = present.environment;
  const environment = { ...defaults, ...put, environment: name, updated_at: changedAt };
  if (JSON.stringify(environment) === JSON.stringify(present.environment)) {
    return { changes: {}, result: present };
  }
  const stored = {
    environment: { ...environment, updated_at: at },
    revision: present.revision + 1,
  };
  const next = { ...queue, head: { ...queue.head, stored } };
  return {
    changes: {
      controlsAt: { organisation: caller.organisation, revision: controls.revision },
      queue: changeOfQueue(next, { put: [], removed: [] }, at),
    },
    result: stored,
  };
}
