/**
 * What the contract forbids does not compile with the client either. Never run: `tsc` fails on an
 * expected error that is none. Each error is next to the same thing written correctly.
 */
import type { OperationId } from '../../generated/client.js';
import type {
  Deployment,
  DeploymentResult,
  DeploymentQueueClient,
  DeploymentStatus,
  ProblemError,
  ProblemType,
} from '../../src/client/client.js';
import type { OperationId as ServiceOperationId } from '../../src/operations/operation.js';

declare const client: DeploymentQueueClient;
declare const deployment: Deployment;
declare const error: ProblemError;
const needed = { name: 'x', version: '1', environment: 'e', provider: 'gcp', type: 'k8s' } as const;

// A method for each operation.
export const methods: Record<OperationId, unknown> = client;
export const same = (id: OperationId): ServiceOperationId => id;
// @ts-expect-error an operation that the contract does not have
export const unknownOperation: unknown = client.deleteDeployment;

// Bodies.
export const created = () => client.createDeployment({ ...needed, cell: null, auto: false });
// @ts-expect-error a field that is missing
export const unnamed = () => client.createDeployment({ version: '1', environment: 'e' });
// @ts-expect-error a misspelt field
export const misspelt = () => client.createDeployment({ ...needed, enviroment: 'e' });
// @ts-expect-error a value that is not in the enum
export const foreign = () => client.createDeployment({ ...needed, provider: 'ibm' });
// @ts-expect-error a field of another type
export const text = () => client.createDeployment({ ...needed, auto: 'no' });
export const changed = () => client.updateDeployment('id', { status: 'deployed', notes: null });
// @ts-expect-error a status that a deployment cannot have
export const paused = () => client.updateDeployment('id', { status: 'paused' });
// @ts-expect-error a field that cannot be changed
export const renamed = () => client.updateDeployment('id', { version: '2' });

// Queries.
export const listed = () => client.listDeployments({ status: 'deployed', version: '1', limit: 10 });
export const several = () => client.listDeployments({ status: ['scheduled', 'cancelled'] });
// @ts-expect-error a filter that the contract does not have
export const unknown = () => client.listDeployments({ resource: '1' });
// @ts-expect-error a list of what is no status
export const nothing = () => client.listDeployments({ status: ['scheduled', 'done'] });
// @ts-expect-error a filter that takes one value
export const names = () => client.listDeployments({ name: ['a', 'b'] });
// @ts-expect-error a status that is none
export const never = () => client.listAllDeployments({ status: 'done' });
// @ts-expect-error a rollback of nothing in particular
export const vague = () => client.rollbackTaxonomy();
export const back = () =>
  client.rollbackTaxonomy({ name: 'x', environment: 'e', provider: 'aws', target_version: '1' });
export const explained = () => client.rollbackDeployment('id', {}, { reason: 'Errors' });
// @ts-expect-error a reason is among the options, not a part of the query
export const misplaced = () => client.rollbackDeployment('id', { reason: 'Errors' });
// @ts-expect-error a registration has no reason
export const unasked = () => client.createDeployment(needed, { reason: 'New' });
export const history = () => client.listAllDeploymentEvents('id', { limit: 10 });
// @ts-expect-error events are not filtered
export const filtered = () => client.listDeploymentEvents('id', { status: 'failed' });
// @ts-expect-error a status that nobody can wait for
export const waited = () => client.waitFor('id', ['gone']);

// Options are those of the operation.
export const keyed = () => client.createDeployment(needed, { idempotencyKey: 'k', timeoutMs: 1 });
// @ts-expect-error a change takes no Idempotency-Key
export const keyedChange = () => client.updateDeployment('id', {}, { idempotencyKey: 'k' });
// @ts-expect-error a creation has no If-Match
export const matched = () => client.createDeployment(needed, { ifMatch: '"1"' });

// Answers.
export const read = async (): Promise<DeploymentResult> => client.getDeployment('id');
export const reread = async () => client.getDeployment('id', { ifNoneMatch: '"1"' });
// @ts-expect-error it may be unchanged
export const whole: () => Promise<DeploymentResult> = reread;
export const replayed = async (): Promise<boolean> =>
  (await client.createDeployment(needed)).replayed;
// @ts-expect-error nothing is replayed when a deployment is read
export const readAgain = async () => (await client.getDeployment('id')).replayed;
export const region: string | null = deployment.region;
// @ts-expect-error it may be null
export const certain: string = deployment.region;

// Every status, and every kind of problem that matters to the caller, can be asked for exhaustively.
export function handled(status: DeploymentStatus): string {
  switch (status) {
    case 'scheduled':
    case 'in_progress':
      return 'wait';
    case 'deployed':
      return 'done';
    case 'failed':
    case 'skipped':
    case 'cancelled':
      return 'over';
  }
}
// @ts-expect-error a status without a handler
export function forgotten(status: DeploymentStatus): string {
  switch (status) {
    case 'scheduled':
    case 'in_progress':
    case 'deployed':
    case 'failed':
    case 'skipped':
      return 'known';
  }
}
export const pending: boolean = error.type === 'urn:problem-type:deployment-queue:rollback-pending';
// @ts-expect-error a kind of problem that there is not
export const misread: boolean = error.type === 'urn:problem-type:deployment-queue:rollback-waiting';
export const type: ProblemType = error.type;
