import { useState } from 'preact/hooks';
import type { CurrentState, Deployment, DeploymentQueueClient } from '../../client/client.js';
import { actionsFor, approve } from '../state/actions.js';
import type { DeploymentAction } from '../state/actions.js';
import { whyNotApprove } from '../state/approvals.js';
import { scopeInWords } from '../state/scope.js';
import { Confirmation } from './confirmation.js';
import { LockForm } from './lock-form.js';
import { RollbackForm } from './rollback-form.js';
import type { Known } from './use-deployment.js';
import { cancelOne, changeStatus, decide } from './do-action.js';

interface DrawerActionsProps {
  readonly client: DeploymentQueueClient;
  readonly known: Known;
  readonly row: CurrentState | undefined;
  /** Who looks, where the board knows that. */
  readonly login: string | undefined;
  readonly onDone: (deployment: Deployment) => void;
  readonly onOpen: (id: string) => void;
}

/** What can be done about a deployment. Nothing is done before it is confirmed. */
export function DrawerActions(props: DrawerActionsProps) {
  const { client, known, row, login, onDone, onOpen } = props;
  const { deployment, etag } = known;
  const [chosen, choose] = useState<DeploymentAction>();
  const [done, setDone] = useState<string>();
  const lacksApproval = known.position?.blocked_by.some(({ kind }) => kind === 'approval') === true;
  const isWhatRuns = row?.current?.id === deployment.id;
  const possible = actionsFor(deployment, { isWhatRuns, lacksApproval });
  const whyNot = possible.includes(approve) ? whyNotApprove(deployment, login) : undefined;
  const actions = possible.filter((each) => each !== approve || whyNot === undefined);

  const status = chosen?.status;
  const finish = (changed: Deployment, said: string) => {
    choose(undefined);
    setDone(said);
    onDone(changed);
  };
  const leave = () => {
    choose(undefined);
  };
  return (
    <section class="actions" aria-label="Actions">
      <div class="action-buttons">
        {actions.map((action) => (
          <button
            key={action.id}
            type="button"
            class={`button ${action.isGrave ? 'grave' : ''}`}
            aria-expanded={chosen?.id === action.id}
            onClick={() => {
              setDone(undefined);
              choose(chosen?.id === action.id ? undefined : action);
            }}
          >
            {action.label}
          </button>
        ))}
      </div>
      {whyNot !== undefined && <p class="nothing">{whyNot}.</p>}
      {done !== undefined && (
        <p class="done" role="status">
          {done}
        </p>
      )}
      {chosen?.id === 'roll_back' && (
        <RollbackForm
          {...{ client, deployment }}
          action={chosen}
          onCancel={leave}
          onDone={(created) => {
            finish(
              created,
              `Registered: a rollback to ${created.version}, which is ${created.status}.`,
            );
            onOpen(created.id);
          }}
        />
      )}
      {chosen?.id === 'lock' && (
        <LockForm
          {...{ client, deployment }}
          action={chosen}
          onCancel={leave}
          onDone={({ scope }) => {
            finish(deployment, `Locked: ${scopeInWords(scope)}.`);
          }}
        />
      )}
      {(chosen?.id === 'approve' || chosen?.id === 'reject') && (
        <Confirmation
          key={chosen.id}
          action={chosen}
          takesReason
          onCancel={leave}
          onConfirm={async (reason) => {
            const decided = await decide(client, deployment, chosen, reason);
            finish(
              decided,
              chosen.id === 'approve' ? 'Approved.' : 'Rejected: it is cancelled now.',
            );
          }}
        />
      )}
      {chosen !== undefined && status !== undefined && (
        <Confirmation
          key={chosen.id}
          action={chosen}
          takesReason={chosen.id === 'cancel'}
          onCancel={leave}
          onConfirm={async (reason) => {
            const changed = await (chosen.id === 'cancel'
              ? cancelOne(client, deployment, etag, reason)
              : changeStatus(client, deployment, etag, status));
            finish(changed, `Done: it is ${changed.status} now.`);
          }}
        />
      )}
    </section>
  );
}
