import type { Decided, Decision } from '../../src/domain/decision.js';
import type { Deployment, DeploymentEvent } from '../../src/domain/deployments/deployment.js';
import { ApplicationError } from '../../src/domain/errors.js';
import type { Store, TenantStore } from '../../src/store/store.js';
import { createMovedClock } from '../support/moved-clock.js';
import { caller } from '../support/stored.js';

/** The environment in which all happens. */
export const environment = 'production';

/** Makes a decision. */
export type Decide<Result> = () => Decision<Result> | Decided<Result>;

/** The service as those of one organisation reach it: a real store, and a clock that is set forward. */
export class ClaimService {
  readonly clock = createMovedClock();
  readonly #open: () => Promise<Store>;
  #store: Store | undefined;

  /** @param open opens the store, for the first time or once more */
  constructor(open: () => Promise<Store>) {
    this.#open = open;
  }

  async start(): Promise<void> {
    this.#store = await this.#open();
  }

  async end(): Promise<void> {
    await this.#store?.close();
    this.#store = undefined;
  }

  async restart(): Promise<void> {
    await this.end();
    await this.start();
  }

  get store(): TenantStore {
    if (this.#store === undefined) throw new Error('The service has not been started');
    return this.#store.for(caller.organisation);
  }

  /** Newest first. */
  async deployments(): Promise<readonly Deployment[]> {
    const query = { read: 'deployments', filter: {}, limit: 1_000 } as const;
    return (await this.store.read(query)).deployments;
  }

  async deployment(id: string): Promise<Deployment | undefined> {
    return (await this.store.read({ read: 'deployment', id }))?.deployment;
  }

  events(id: string): Promise<readonly DeploymentEvent[]> {
    return this.store.read({ read: 'events', id, after: 0, limit: 1_000 });
  }

  change<Result>(decide: Decide<Result>): Promise<Result> {
    return this.store.change('model', decide);
  }

  /** @returns the error by which the service refuses, instead of what it decides */
  async changeOrRefusal<Result>(decide: Decide<Result>): Promise<Result | ApplicationError> {
    try {
      return await this.change(decide);
    } catch (error) {
      if (error instanceof ApplicationError && error.code !== 'unavailable') return error;
      throw error;
    }
  }

  /** @returns `undefined` where the service refuses */
  async unlessRefused<Result>(decide: Decide<Result>): Promise<Result | undefined> {
    const answer = await this.changeOrRefusal(decide);
    return answer instanceof ApplicationError ? undefined : answer;
  }

  /** In milliseconds since the epoch. */
  now(): number {
    return Date.parse(this.clock.now());
  }

  /** RFC 3339 in UTC with milliseconds. */
  at(now = this.now()): string {
    return new Date(now).toISOString();
  }
}
