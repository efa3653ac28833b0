import type { Deployment, DeploymentStatus } from '../../client/contract.js';

/** Something that is confirmed before it is done. */
export interface Asking {
  readonly label: string;
  /** What it means, as it is asked for a confirmation. */
  readonly explanation: string;
  readonly isGrave: boolean;
}

/** What somebody may do about a deployment from the board. */
export interface DeploymentAction extends Asking {
  readonly id:
    | 'put_back'
    | 'retry'
    | 'unskip'
    | 'reopen'
    | 'skip'
    | 'cancel'
    | 'roll_back'
    | 'approve'
    | 'reject'
    | 'lock';
  /** The status that it leads to; nothing where it is an operation of its own. */
  readonly status: DeploymentStatus | undefined;
}

const retry: DeploymentAction = {
  id: 'retry',
  label: 'Retry',
  explanation: 'It is scheduled again, and waits for its turn.',
  status: 'scheduled',
  isGrave: false,
};
const putBack: DeploymentAction = {
  id: 'put_back',
  label: 'Put back',
  explanation:
    'It is scheduled again, as if it had not begun. What its pipeline has done by now is not undone. While somebody holds its lease, the service refuses this: the holder alone may give the lease back.',
  status: 'scheduled',
  isGrave: true,
};
const unskip: DeploymentAction = {
  id: 'unskip',
  label: 'Un-skip',
  explanation:
    'It is scheduled again, and waits for its turn, although a newer one made it needless.',
  status: 'scheduled',
  isGrave: false,
};
const reopen: DeploymentAction = {
  id: 'reopen',
  label: 'Re-open',
  explanation: 'It is scheduled again, and waits for its turn.',
  status: 'scheduled',
  isGrave: false,
};
const skip: DeploymentAction = {
  id: 'skip',
  label: 'Skip',
  explanation: 'It is not deployed: marked as needless. It can be un-skipped.',
  status: 'skipped',
  isGrave: false,
};
const cancel: DeploymentAction = {
  id: 'cancel',
  label: 'Cancel',
  explanation:
    'It is not deployed. A lease on it ends: whoever holds it hears so with the next call, and must stop. It can be re-opened.',
  status: 'cancelled',
  isGrave: true,
};
const rollBack: DeploymentAction = {
  id: 'roll_back',
  label: 'Roll back',
  explanation: 'A new deployment is registered, with the configuration of an earlier one.',
  status: undefined,
  isGrave: true,
};

export const approve: DeploymentAction = {
  id: 'approve',
  label: 'Approve',
  explanation: 'It may start once enough people have approved it. This holds for one attempt.',
  status: undefined,
  isGrave: false,
};
export const reject: DeploymentAction = {
  id: 'reject',
  label: 'Reject',
  explanation: 'It is cancelled, and is not deployed. It can be re-opened.',
  status: undefined,
  isGrave: true,
};
const lock: DeploymentAction = {
  id: 'lock',
  label: 'Lock',
  explanation: 'Nothing but rollbacks starts there until somebody unlocks it. What runs goes on.',
  status: undefined,
  isGrave: false,
};

const byStatus: Readonly<Partial<Record<DeploymentStatus, readonly DeploymentAction[]>>> = {
  scheduled: [skip, cancel],
  in_progress: [putBack, skip, cancel],
  failed: [retry, skip],
  skipped: [unskip],
  cancelled: [reopen],
};

/**
 * What can be done about a deployment, by the contract's life table. Whether the caller may is for the service
 * to say.
 *
 * @param isWhatRuns whether it is what runs in its place, which is what a rollback replaces
 * @param lacksApproval whether people have to approve it before it starts
 */
export function actionsFor(
  { status }: Pick<Deployment, 'status'>,
  { isWhatRuns, lacksApproval }: { readonly isWhatRuns: boolean; readonly lacksApproval: boolean },
): readonly DeploymentAction[] {
  const canBeApproved = status === 'scheduled' || status === 'failed';
  return [
    ...(lacksApproval && canBeApproved ? [approve] : []),
    ...(lacksApproval && status === 'scheduled' ? [reject] : []),
    ...(isWhatRuns ? [rollBack] : []),
    ...(byStatus[status] ?? []),
    lock,
  ];
}
