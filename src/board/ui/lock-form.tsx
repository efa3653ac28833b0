import { useState } from 'preact/hooks';
import type { Deployment, DeploymentQueueClient, Lock } from '../../client/client.js';
import type { DeploymentAction } from '../state/actions.js';
import { scopeOf } from '../../domain/scopes/scope.js';
import { scopeInWords, scopeOfEnvironment } from '../state/scope.js';
import { Confirmation } from './confirmation.js';

interface LockFormProps {
  readonly client: DeploymentQueueClient;
  readonly deployment: Deployment;
  readonly action: DeploymentAction;
  readonly onCancel: () => void;
  readonly onDone: (lock: Lock) => void;
}

/** Locks the place of a deployment, or its environment. */
export function LockForm({ client, deployment, action, onCancel, onDone }: LockFormProps) {
  const scopes = [scopeOf(deployment), scopeOfEnvironment(deployment)];
  const [chosen, choose] = useState(0);
  const [end, setEnd] = useState('');
  const place = async (reason: string | undefined) => {
    const { lock } = await client.createLock({
      scope: scopes[chosen] ?? {},
      reason: reason ?? '',
      ...(end !== '' && { expires_at: new Date(end).toISOString() }),
    });
    onDone(lock);
  };
  return (
    <Confirmation action={action} takesReason needsReason onCancel={onCancel} onConfirm={place}>
      <label>
        What to lock
        <select
          value={String(chosen)}
          onChange={({ currentTarget }) => {
            choose(Number(currentTarget.value));
          }}
        >
          {scopes.map((scope, nth) => (
            <option key={String(nth)} value={String(nth)}>
              {scopeInWords(scope)}
            </option>
          ))}
        </select>
      </label>
      <label>
        Until, by your clock; empty for when somebody unlocks it
        <input
          type="datetime-local"
          value={end}
          onInput={({ currentTarget }) => {
            setEnd(currentTarget.value);
          }}
        />
      </label>
    </Confirmation>
  );
}
