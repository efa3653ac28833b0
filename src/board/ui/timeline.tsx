import { useMemo, useState } from 'preact/hooks';
import type { FeedEvent } from '../../client/client.js';
import { isChosen } from '../state/filters.js';
import type { View } from '../state/filters.js';
import { dayOf, tell } from '../state/timeline.js';
import type { Entry } from '../state/timeline.js';

interface TimelineProps {
  readonly events: readonly FeedEvent[];
  readonly view: View;
  readonly now: number;
  readonly onOpen: (id: string) => void;
}

/** How many entries are shown before somebody wants to see more. */
const page = 60;
const onWall = 14;

/** What happened, the newest first. */
export function Timeline({ events, view, now, onOpen }: TimelineProps) {
  const [pages, setPages] = useState(1);
  const entries = useMemo(
    () => tell(events.filter((event) => isChosen(event, view))),
    [events, view.provider, view.region, view.environments.join()],
  );
  const shown = entries.slice(0, view.wall ? onWall : pages * page);
  let day = '';
  return (
    <aside class="timeline" aria-label="What happened">
      <h2>What happened</h2>
      {entries.length === 0 && <p class="nothing">Nothing yet</p>}
      <ol>
        {shown.map((entry) => {
          const itsDay = dayOf(entry.event.occurred_at, now);
          const isNewDay = itsDay !== day;
          day = itsDay;
          return (
            <li key={entry.key} class={`event ${entry.tone}`}>
              {isNewDay && <h3>{itsDay}</h3>}
              <EventLine {...{ entry, onOpen }} />
            </li>
          );
        })}
      </ol>
      {!view.wall && entries.length > shown.length && (
        <button
          type="button"
          class="button quiet"
          onClick={() => {
            setPages(pages + 1);
          }}
        >
          Earlier
        </button>
      )}
    </aside>
  );
}

function EventLine({
  entry: { event, verb, count, by, more },
  onOpen,
}: {
  readonly entry: Entry;
  readonly onOpen: (id: string) => void;
}) {
  const what = count === 1 ? event.version : `${count} versions`;
  return (
    <>
      <time dateTime={event.occurred_at}>{timeOf(event.occurred_at)}</time>
      <button
        type="button"
        class="plain"
        onClick={() => {
          onOpen(event.deployment_id);
        }}
      >
        <b>{event.name}</b> <span class="version">{what}</span>
      </button>
      <span class="event-what">
        <span class="verb">{verb}</span> in {event.environment}
        {event.region !== null && ` · ${event.region}`}
      </span>
      {(by !== undefined || more !== undefined) && (
        <span class="event-by">{[by, more].filter(Boolean).join(': ')}</span>
      )}
    </>
  );
}

function timeOf(instant: string): string {
  return new Date(instant).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}
