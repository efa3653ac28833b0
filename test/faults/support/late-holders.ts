import { createClient, noCredentials, ProblemError } from '../../../src/client/client.js';
import type { DeploymentQueueClient } from '../../../src/client/client.js';
import type { Random } from '../../support/random.js';

/**
 * Holders who died, as far as anybody knew, and come back once somebody else carries the same deployment out: what
 * they say by their old tokens must have no effect.
 */
export class LateHolders {
  /** How often one was told that its lease is lost. */
  refused = 0;
  /** What was done as one of them said. */
  readonly heard: string[] = [];
  readonly #tokens = new Map<string, string>();
  readonly #random: Random;
  /** It tries once: what the service does with a repetition is no matter here. */
  readonly #client: DeploymentQueueClient;

  constructor(url: string, random: Random) {
    this.#random = random;
    this.#client = createClient({ url, credentials: noCredentials(), retry: { attempts: 1 } });
  }

  /** A holder has died. */
  died(id: string, token: string): void {
    this.#tokens.set(id, token);
  }

  /** Somebody else has begun to carry its deployment out. */
  replaced(id: string): void {
    const token = this.#tokens.get(id);
    if (token !== undefined) void this.#comeBack(id, token);
  }

  async #comeBack(id: string, leaseToken: string): Promise<void> {
    const [what, call] = this.#random.pick([
      ['reported', () => this.#client.updateDeployment(id, { status: 'deployed' }, { leaseToken })],
      ['renewed its lease', () => this.#client.renewLease(id, { leaseToken })],
      ['gave its lease back', () => this.#client.releaseLease(id, { leaseToken })],
    ] as const);
    try {
      await call();
      this.heard.push(`${id} was carried out by somebody else when its former holder ${what}`);
    } catch (error) {
      // The service may be killed just then.
      if (error instanceof ProblemError && error.type.endsWith(':lease-lost')) this.refused += 1;
    }
  }
}
