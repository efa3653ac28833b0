import type { DeploymentResult } from './responses.js';
import type { DeploymentUpdate, ProblemType } from './contract.js';
import { ProblemError } from './errors.js';

/** What a change that took effect makes of its repetition. */
const ownDoing: readonly ProblemType[] = [
  'urn:problem-type:deployment-queue:precondition-failed',
  'urn:problem-type:deployment-queue:lease-lost',
];

/**
 * Makes a change whose response may get lost. When it does, the change is sent again, and then `If-Match` no
 * longer matches, or the lease is over, because of the change itself. So such a refusal after a lost response
 * counts as success when the deployment is as it was asked to be, as RFC 9110, section 13.1.1, lets a server do.
 *
 * @throws ProblemError `precondition-failed`, `lease-lost` when somebody else was faster
 */
export async function updateOnce(
  body: DeploymentUpdate,
  update: () => Promise<DeploymentResult>,
  read: () => Promise<DeploymentResult>,
): Promise<DeploymentResult> {
  try {
    return await update();
  } catch (error) {
    if (!(error instanceof ProblemError) || !error.afterLostResponse) throw error;
    if (!ownDoing.includes(error.type)) throw error;
    const present = await read();
    const state = new Map<string, unknown>(Object.entries(present.deployment));
    // A caller's compiler may let a field be `undefined`, which is not sent.
    const asked = new Map<string, unknown>(Object.entries(body));
    // How it was started is in its events.
    asked.delete('override');
    const isAsAsked = [...asked].every(
      ([field, value]) => value === undefined || state.get(field) === value,
    );
    if (isAsAsked) return present;
    throw error;
  }
}

/**
 * Rejects a deployment, though the response may get lost. When it does, it is rejected again and is over by then: so a
 * refusal after a lost response counts as success when the deployment is cancelled.
 *
 * @throws ProblemError `approval-not-allowed` when there was nothing left to reject
 */
export async function rejectOnce(
  reject: () => Promise<DeploymentResult>,
  read: () => Promise<DeploymentResult>,
): Promise<DeploymentResult> {
  try {
    return await reject();
  } catch (error) {
    const mayBeOwnDoing =
      error instanceof ProblemError &&
      error.afterLostResponse &&
      error.type === 'urn:problem-type:deployment-queue:approval-not-allowed';
    if (!mayBeOwnDoing) throw error;
    const present = await read();
    if (present.deployment.status === 'cancelled') return present;
    throw error;
  }
}

/**
 * Deletes something, though the response may get lost. When it does, it is deleted again and is gone by then: so a
 * 404 after a lost response counts as success.
 *
 * @throws ProblemError when there was no such thing to begin with
 */
export async function deleteOnce(remove: () => Promise<undefined>): Promise<undefined> {
  try {
    await remove();
    return undefined;
  } catch (error) {
    const isGone = error instanceof ProblemError && error.status === 404 && error.afterLostResponse;
    if (!isGone) throw error;
    return undefined;
  }
}
