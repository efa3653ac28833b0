import { useMemo } from 'preact/hooks';
import type { Deployment, DeploymentQueueClient } from '../../client/client.js';
import type { Board } from '../state/board.js';
import { placeKey, whereIs } from '../state/place.js';
import { statusWord } from '../state/words.js';
import { DrawerActions } from './drawer-actions.js';
import { DrawerEvents } from './drawer-events.js';
import { DrawerFacts } from './drawer-facts.js';
import { DrawerLineage } from './drawer-lineage.js';
import { DrawerQueue } from './drawer-queue.js';
import { Fault } from './fault.js';
import { Modal } from './modal.js';
import { useDeployment } from './use-deployment.js';
import type { Known } from './use-deployment.js';

interface DrawerProps {
  readonly id: string;
  readonly client: DeploymentQueueClient;
  /** Who looks, where the board knows that. */
  readonly login: string | undefined;
  /** Where GitHub's pages are. */
  readonly gitHub: string;
  readonly board: Board;
  readonly now: number;
  readonly onOpen: (id: string) => void;
  readonly onChanged: (deployment: Deployment) => void;
  readonly onClose: () => void;
}

/** One deployment: what is known of it, and what can be done about it. */
export function Drawer({
  id,
  client,
  login,
  gitHub,
  board,
  now,
  onOpen,
  onChanged,
  onClose,
}: DrawerProps) {
  const lastEvent = board.events.find(({ deployment_id }) => deployment_id === id)?.position;
  // A lock leaves no event of the deployment.
  const change = useMemo(() => ({}), [lastEvent, board.gates]);
  const { known, fault, again } = useDeployment(client, id, change);
  const deployment = known?.deployment;
  const row = deployment && board.rows.get(placeKey(deployment));
  const label = deployment ? `${deployment.name} ${deployment.version}` : 'Deployment';
  return (
    <Modal class="drawer" label={label} onClose={onClose}>
      {fault !== undefined && <Fault fault={fault} />}
      {known === undefined && fault === undefined && <p aria-busy="true">Reading…</p>}
      {known !== undefined && deployment !== undefined && (
        <>
          <p class="drawer-where">
            <span class={`status ${deployment.status.replaceAll('_', '-')}`}>
              <span class="dot" aria-hidden="true" /> {statusWord(deployment.status)}
            </span>
            <span>{whereIs(deployment)}</span>
          </p>
          <DrawerActions
            {...{ client, known, row, login }}
            onDone={(changed) => {
              onChanged(changed);
              again();
            }}
            onOpen={onOpen}
          />
          {isQueued(known) && <DrawerQueue {...{ known, now, onOpen }} />}
          <DrawerFacts {...{ known, gitHub, now }} />
          <DrawerEvents {...{ known, gitHub, onOpen }} />
          <DrawerLineage {...{ known, onOpen }} />
        </>
      )}
    </Modal>
  );
}

/**
 * Whether there is something to say of its queue: of what failed only while its retry is waited for, or would
 * find something closed.
 */
function isQueued({ deployment, position }: Known): boolean {
  if (position === undefined) return false;
  const isAsked = position.position !== null || position.blocked_by.length > 0;
  return deployment.status !== 'failed' || isAsked;
}
