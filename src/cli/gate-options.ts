import type { Command } from 'commander';
import { Option } from 'commander';
import type { Given } from './inputs.js';
import { reasonOption } from './arguments.js';
import { ask } from './prompt.js';

/** What the options of a command say of a lock or a freeze beside its places. */
export interface GateFlags {
  readonly reason?: string;
  /** Whether rollbacks pass. */
  readonly rollbacks: boolean;
}

/** `--reason` and `--no-rollbacks`. */
export function addGateOptions(command: Command, operation: 'createLock' | 'createFreeze'): void {
  command
    .addOption(reasonOption(operation, 'why; whoever waits is told. At a terminal it is asked for'))
    .addOption(new Option('--no-rollbacks', 'rollbacks do not pass either'));
}

/**
 * What they say, by the names in the contract. Who has given no reason is asked for it.
 *
 * @throws UsageError there is no reason, and nobody to ask
 */
export async function givenGate({ reason, rollbacks }: GateFlags): Promise<Record<string, Given>> {
  return {
    reason: reason ?? (await ask('Why? ', false, 'a reason is needed: --reason says why')),
    ...(!rollbacks && { allow: [] }),
  };
}
