import type { Decided } from '../../../src/domain/decision.js';
import type { StoredDeployment } from '../../../src/domain/deployments/deployment.js';
import type { Position } from '../../../src/domain/deployments/order.js';
import type { Running } from '../../../src/domain/deployments/reads.js';
import { removeOld } from '../../../src/domain/deployments/retention.js';
import type { Removal } from '../../../src/domain/deployments/retention.js';
import { rollback } from '../../../src/domain/deployments/rollback.js';
import type { RollbackRequest } from '../../../src/domain/deployments/rollback.js';
import { taxonomyKey } from '../../../src/domain/deployments/taxonomy.js';
import type { Taxonomy } from '../../../src/domain/deployments/taxonomy.js';
import { update } from '../../../src/domain/deployments/update.js';
import { create } from '../../../src/domain/deployments/create.js';
import type { DeploymentStatus } from '../../../src/domain/deployments/deployment.js';
import { decideOver, referenceRead } from '../../support/reference-reads.js';
import type { World } from '../../support/reference-reads.js';
import { refused } from '../../support/refused.js';
import { caller, idOf, instantOf, numberOf } from '../../support/stored.js';

/** What the deployments of a history have in common. */
const fields = {
  name: 'checkout',
  environment: 'production',
  provider: 'gcp',
  type: 'k8s',
} as const;
export const taxonomy: Taxonomy = {
  organisation: caller.organisation,
  name: fields.name,
  environment: fields.environment,
  provider: fields.provider,
  cloud_account_id: null,
  region: null,
  cell: null,
};

/** A step of a history: registers a version, rolls back, or moves a deployment by its number. */
export type Step =
  | { readonly version: string; readonly to?: readonly DeploymentStatus[] }
  | {
      readonly rollback: { readonly by?: number; readonly target?: string };
      readonly to?: readonly DeploymentStatus[];
    }
  | { readonly number: number; readonly to: readonly DeploymentStatus[] };

/** A version that is registered and moved through statuses; `deployed` unless said otherwise. */
export const version = (name: string, ...to: DeploymentStatus[]): Step => ({
  version: name,
  to: to.length === 0 ? ['deployed'] : to,
});
/** A rollback, by the number of a deployment or of what runs, that is moved through statuses. */
export const back = (
  to: readonly DeploymentStatus[] = ['deployed'],
  request: { readonly by?: number; readonly target?: string } = {},
): Step => ({ rollback: request, to });
/** A deployment that is moved on later. */
export const move = (number: number, ...to: DeploymentStatus[]): Step => ({ number, to });

/** The deployments of one taxonomy that a history leads to, numbered from 1 in their order. */
export class History {
  #deployments: StoredDeployment[] = [];
  #rolledBack: StoredDeployment[] = [];
  #instant = 0;
  #created = 0;

  constructor(steps: readonly Step[] = []) {
    for (const step of steps) this.perform(step);
  }

  get deployments(): readonly StoredDeployment[] {
    return this.#deployments;
  }

  /** All that is known of it. */
  get world(): World {
    return { deployments: this.#deployments, rolledBack: this.#rolledBack };
  }

  perform(step: Step): void {
    let number = this.#created + 1;
    if ('version' in step) {
      const request = { ...fields, version: step.version };
      this.#store(this.#decide(create(request, caller, this.#identity())));
    } else if ('rollback' in step) this.#store(this.rollBack(step.rollback));
    else number = step.number;
    for (const status of step.to ?? []) this.#move(number, status);
  }

  /** Rolls back, without storing it. */
  rollBack({
    by,
    target,
    reason,
    to = taxonomy,
  }: {
    readonly by?: number;
    readonly target?: string;
    readonly reason?: string;
    readonly to?: Taxonomy;
  } = {}): Decided<StoredDeployment> {
    const request: RollbackRequest = {
      selector: by === undefined ? { taxonomy: to } : { id: idOf(by) },
      targetVersion: target,
      reason,
    };
    return this.#decide(rollback(request, caller, this.#identity()));
  }

  /** Which deployment a rollback replaces by which: `from -> source`, by number. */
  decided(request: { readonly by?: number; readonly target?: string } = {}): string {
    const { deployment } = this.rollBack(request).result;
    const { rollback_from_deployment_id: from, source_deployment_id: source } = deployment;
    return `${numberOf(from ?? '')} -> ${numberOf(source ?? '')}`;
  }

  /** The code and message of the error of a rollback. */
  refusal(request: Parameters<History['rollBack']>[0] = {}): { code: string; message: string } {
    const { code, message } = refused(() => this.rollBack(request));
    return { code, message };
  }

  /** Removes what has been over since before the instant of a number; returns how much that was. */
  retain(overSince: number, before?: Position): Removal {
    const decided = this.#decide(removeOld({ overSince: instantOf(overSince), before }));
    this.#store(decided);
    return decided.result;
  }

  /** The number of the present instant. */
  get now(): number {
    return this.#instant;
  }

  /** The numbers of what runs, or ran last. */
  get running(): number[] {
    const read = { read: 'running', place: { key: taxonomyKey(taxonomy) } } as const;
    const found = referenceRead(this.world, read) as readonly Running[];
    return found.map(({ stored }) => numberOf(stored.deployment.id));
  }

  #identity(): { id: string; at: string } {
    this.#instant += 1;
    return { id: idOf(this.#created + 1), at: instantOf(this.#instant) };
  }

  #move(number: number, status: DeploymentStatus): void {
    this.#instant += 1;
    const precondition = () => undefined;
    const command = { id: idOf(number), fields: { status }, caller, precondition };
    this.#store(this.#decide(update(command, instantOf(this.#instant))));
  }

  #decide<Result>(decision: Parameters<typeof decideOver<Result>>[1]): Decided<Result> {
    return decideOver(this.world, decision);
  }

  #store({ changes }: Decided<unknown>): void {
    const { created = [], updated = [] } = changes.deployments ?? {};
    this.#created += created.length;
    const removed = new Set(changes.removed?.map(({ deployment }) => deployment.id));
    const states = new Map(updated.map(({ to }) => [to.deployment.id, to]));
    this.#deployments = [
      ...this.#deployments
        .filter(({ deployment }) => !removed.has(deployment.id))
        .map((stored) => states.get(stored.deployment.id) ?? stored),
      ...created,
    ];
    this.#rolledBack.push(...(changes.rolledBack ?? []));
    // What is known of a version goes with its last deployment.
    this.#rolledBack = this.#rolledBack.filter(({ deployment: { version } }) =>
      this.#deployments.some(
        ({ deployment }) => deployment.version === version && deployment.deployed_at !== null,
      ),
    );
  }
}
