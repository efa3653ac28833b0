import { blockersOf } from '../state/queue-words.js';
import { since } from '../state/words.js';
import { OpenButton } from './open-button.js';
import type { Known } from './use-deployment.js';

interface DrawerQueueProps {
  readonly known: Known;
  readonly now: number;
  readonly onOpen: (id: string) => void;
}

/** Where a deployment stands, what keeps it, and who holds the places. */
export function DrawerQueue({ known, now, onOpen }: DrawerQueueProps) {
  const { deployment, position } = known;
  if (position === undefined) return null;
  const own = position.holders.find(({ deployment_id }) => deployment_id === deployment.id);
  const others = position.holders.filter((holder) => holder !== own);
  return (
    <section>
      <h3>Queue</h3>
      {deployment.status === 'in_progress' && (
        <p>
          {own === undefined
            ? 'It holds no place any more: others may start beside it.'
            : own.leased
              ? 'It is carried out under a lease.'
              : 'It was started without a lease.'}
          {own?.until != null && ` Its place is kept until ${clock(own.until)}.`}
        </p>
      )}
      {deployment.status !== 'in_progress' && (
        <p>
          {position.position === null
            ? 'Nobody waits for it: no pipeline or worker has claimed it.'
            : `Place ${position.position}, waited for since ${since(position.waiting_since, now)}.`}
          {position.estimated_start_at !== null &&
            ` It may start at about ${clock(position.estimated_start_at)}.`}
        </p>
      )}
      {/* What runs is kept by nothing that is closed. */}
      {deployment.status !== 'in_progress' && position.blocked_by.length > 0 && (
        <ul class="plain-list">
          {blockersOf(position, now).map(({ words, deployment: id }) => (
            <li key={words + (id ?? '')}>
              {words} {id !== null && <OpenButton id={id} onOpen={onOpen} />}
            </li>
          ))}
        </ul>
      )}
      {others.length > 0 && (
        <ul class="plain-list">
          {others.map(({ deployment_id: id, leased, started_at }) => (
            <li key={id}>
              <OpenButton id={id} onOpen={onOpen} /> runs for {since(started_at, now)}
              {leased ? ' under a lease' : ' without a lease'}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function clock(instant: string): string {
  return new Date(instant).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}
