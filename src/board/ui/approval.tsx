import { useState } from 'preact/hooks';
import type { Deployment, DeploymentQueueClient } from '../../client/client.js';
import { approve, reject } from '../state/actions.js';
import type { DeploymentAction } from '../state/actions.js';
import { askedOf } from '../state/approvals.js';
import type { Unapproved } from '../state/approvals.js';
import { whereIs } from '../state/place.js';
import { since } from '../state/words.js';
import { Confirmation } from './confirmation.js';
import { decide } from './do-action.js';

export interface ApprovalProps {
  readonly client: DeploymentQueueClient;
  /** Who looks, where the board knows that. */
  readonly login: string | undefined;
  readonly now: number;
  /** Whether there is something to press. */
  readonly canAct: boolean;
  readonly onOpen: (id: string) => void;
  readonly onDecided: (deployment: Deployment) => void;
}

/** A deployment that waits for people, who approve or reject it here. */
export function Approval(props: ApprovalProps & { readonly waits: Unapproved }) {
  const { waits, client, login, now, canAct, onOpen, onDecided } = props;
  const { deployment } = waits;
  const { count, by, whyNot } = askedOf(waits, login);
  const [chosen, choose] = useState<DeploymentAction>();
  const who = deployment.created_by_actor ?? deployment.created_by_repo;
  const actions = whyNot === undefined ? [approve, reject] : [reject];
  return (
    <div class="need approval">
      <button
        type="button"
        class="need-open"
        onClick={() => {
          onOpen(deployment.id);
        }}
      >
        <span class="need-kind">Approval</span>
        <span class="need-since">{since(deployment.created_at, now)}</span>
        <span class="need-what">
          {deployment.name} <b>{deployment.version}</b>
        </span>
        <span class="need-where">{whereIs(deployment)}</span>
        <span class="need-why">
          {[count, by, who === null ? undefined : `registered by ${who}`]
            .filter(Boolean)
            .join(' · ')}
        </span>
        {whyNot !== undefined && <span class="need-why">{whyNot}.</span>}
      </button>
      {canAct && (
        <div class="action-buttons">
          {actions.map((action) => (
            <button
              key={action.id}
              type="button"
              class={`button ${action.isGrave ? 'grave' : ''}`}
              aria-label={`${action.label} ${deployment.name} ${deployment.version}`}
              aria-expanded={chosen?.id === action.id}
              onClick={() => {
                choose(chosen?.id === action.id ? undefined : action);
              }}
            >
              {action.label}
            </button>
          ))}
        </div>
      )}
      {chosen !== undefined && (
        <Confirmation
          key={chosen.id}
          action={chosen}
          takesReason
          onCancel={() => {
            choose(undefined);
          }}
          onConfirm={async (reason) => {
            const decided = await decide(client, deployment, chosen, reason);
            choose(undefined);
            onDecided(decided);
          }}
        />
      )}
    </div>
  );
}
