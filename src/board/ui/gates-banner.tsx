import { useState } from 'preact/hooks';
import type { DeploymentQueueClient } from '../../client/client.js';
import { endOf } from '../state/gates.js';
import type { Closed } from '../state/gates.js';
import { scopeInWords } from '../state/scope.js';
import { counted, since } from '../state/words.js';
import { Confirmation } from './confirmation.js';
import { GateIcon } from './gate-icon.js';

interface GatesBannerProps {
  readonly closed: readonly Closed[];
  readonly client: DeploymentQueueClient;
  readonly now: number;
  /** Whether there is something to press. */
  readonly canAct: boolean;
  readonly onChanged: () => void;
}

/** How many are shown before somebody wants to see all. */
const few = 3;

/** What is closed now: which places, who closed it, why, and until when. */
export function GatesBanner({ closed, client, now, canAct, onChanged }: GatesBannerProps) {
  const [isWhole, setWhole] = useState(false);
  const [unlocking, unlock] = useState<string>();
  const shown = isWhole ? closed : closed.slice(0, few);
  const rest = closed.length - shown.length;
  return (
    <section class="gates" aria-label="What is closed">
      {/* Apart from the list: what changes with the time alone is not announced again. */}
      <p class="hidden" role="status">
        {summary(closed)}
      </p>
      <ul>
        {shown.map((gate) => (
          <li key={gate.id} class={`gate ${gate.kind}`}>
            <GateLine {...{ gate, now }} />
            {canAct && gate.kind === 'lock' && (
              <button
                type="button"
                class="button"
                aria-label={`Unlock ${scopeInWords(gate.scope)}`}
                aria-expanded={unlocking === gate.id}
                onClick={() => {
                  unlock(unlocking === gate.id ? undefined : gate.id);
                }}
              >
                Unlock
              </button>
            )}
            {unlocking === gate.id && (
              <Unlock
                {...{ gate, client, now }}
                onCancel={() => {
                  unlock(undefined);
                }}
                onDone={() => {
                  unlock(undefined);
                  onChanged();
                }}
              />
            )}
          </li>
        ))}
      </ul>
      {(rest > 0 || isWhole) && (
        <button
          type="button"
          class="button quiet"
          aria-expanded={isWhole}
          onClick={() => {
            setWhole(!isWhole);
          }}
        >
          {isWhole ? 'Fewer' : `${rest} more`}
        </button>
      )}
    </section>
  );
}

function GateLine({ gate, now }: { readonly gate: Closed; readonly now: number }) {
  const { kind, scope, reason, owner, createdAt, until, allowsRollbacks } = gate;
  return (
    <>
      <span class="gate-kind">
        <GateIcon kind={kind} /> {kind === 'lock' ? 'Locked' : 'Frozen'}
      </span>
      <span class="gate-text">
        <b>{scopeInWords(scope)}</b>{' '}
        <span class="gate-reason" title={reason}>
          {reason}
        </span>
        <span class="gate-more">
          {[
            owner === null ? undefined : `by ${owner}`,
            kind === 'lock' ? `${since(createdAt, now)} ago` : undefined,
            allowsRollbacks ? undefined : 'rollbacks too',
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </span>
      <span class="gate-until">
        {until === null ? (
          endOf(gate, now)
        ) : (
          <time dateTime={until} title={new Date(until).toLocaleString('en-GB')}>
            {endOf(gate, now)}
          </time>
        )}
      </span>
    </>
  );
}

interface UnlockProps {
  readonly gate: Closed;
  readonly client: DeploymentQueueClient;
  readonly now: number;
  readonly onCancel: () => void;
  readonly onDone: () => void;
}

/** Releases a lock, after it has said whose it is. */
function Unlock({ gate, client, now, onCancel, onDone }: UnlockProps) {
  const { scope, owner, reason, createdAt, isOfRollback } = gate;
  const what = isOfRollback ? 'Placed with a rollback' : 'Placed';
  const whose = `${what} by ${owner ?? 'somebody'} ${since(createdAt, now)} ago`;
  return (
    <Confirmation
      action={{
        label: 'Unlock',
        explanation: `${scopeInWords(scope)}. ${whose}: “${reason}”. Other locks and freezes stay.`,
        isGrave: true,
      }}
      takesReason
      onCancel={onCancel}
      onConfirm={async (why) => {
        await client.releaseLock(gate.id, why === undefined ? {} : { reason: why });
        onDone();
      }}
    />
  );
}

function summary(closed: readonly Closed[]): string {
  const count = (kind: Closed['kind']) => closed.filter((gate) => gate.kind === kind).length;
  const parts = [
    counted(count('lock'), 'lock', 'locks'),
    counted(count('freeze'), 'freeze', 'freezes'),
  ].filter((part) => !part.startsWith('0 '));
  return parts.length === 0 ? '' : `${parts.join(' and ')} closed`;
}
