import { gatesInWords } from '../state/gates.js';
import { runLink } from '../state/links.js';
import { whatHappened } from '../state/words.js';
import { OpenButton } from './open-button.js';
import type { Known } from './use-deployment.js';
import { WebLink } from './web-link.js';

interface DrawerEventsProps {
  readonly known: Known;
  readonly gitHub: string;
  readonly onOpen: (id: string) => void;
}

/** Everything that happened to a deployment, oldest first. */
export function DrawerEvents({ known, gitHub, onOpen }: DrawerEventsProps) {
  const { events, hasMoreEvents } = known;
  return (
    <section>
      <h3>Events</h3>
      <ol class="events">
        {events.map((event) => (
          <li key={event.revision} class={event.to_status.replaceAll('_', '-')}>
            <time dateTime={event.occurred_at}>
              {new Date(event.occurred_at).toLocaleString('en-GB', {
                dateStyle: 'short',
                timeStyle: 'medium',
              })}
            </time>
            <span>
              <b>{whatHappened(event)}</b>{' '}
              {event.cause_deployment_id !== null && (
                <OpenButton id={event.cause_deployment_id} onOpen={onOpen} />
              )}
              {event.reason !== null && <q>{event.reason}</q>}
              {gatesInWords(event.gates).map((gate) => (
                <span key={gate} class="was-closed">
                  Closed then: {gate}
                </span>
              ))}
              <span class="nothing">
                {[event.actor, event.repository, event.workflow].filter(Boolean).join(' · ')}{' '}
                <WebLink href={runLink(event, gitHub)}>run</WebLink>
              </span>
            </span>
          </li>
        ))}
      </ol>
      {hasMoreEvents && <p class="nothing">The first {events.length} are shown.</p>}
    </section>
  );
}
