import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Attention, AttentionKind } from '../state/attention.js';
import { whereIs } from '../state/place.js';
import { since } from '../state/words.js';

const titles: Readonly<Record<AttentionKind, string>> = {
  lease_lost: 'Lease lost',
  failed: 'Failed',
  stuck: 'Stuck',
  rollback_pending: 'Rollback pending',
};

/** How many are shown before somebody wants to see all. */
const few = 6;
const fewApprovals = 3;

interface AttentionStripProps {
  readonly needed: readonly Attention[];
  readonly now: number;
  readonly isLoaded: boolean;
  readonly onOpen: (id: string) => void;
  /** What waits for approval, each to be shown as one of them. */
  readonly approvals: readonly ComponentChildren[];
}

/** What needs somebody. */
export function AttentionStrip(props: AttentionStripProps) {
  const { needed, now, isLoaded, onOpen, approvals } = props;
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? needed : needed.slice(0, few);
  const shownApprovals = isWhole ? approvals : approvals.slice(0, fewApprovals);
  const count = needed.length + approvals.length;
  const rest = count - shown.length - shownApprovals.length;
  return (
    <section class="attention" aria-label="What needs somebody">
      {count === 0 && isLoaded && (
        <p class="all-well">
          <span class="dot good" aria-hidden="true" /> Nothing needs anybody
        </p>
      )}
      {count > 0 && (
        <ul>
          {shown.map((each) => (
            <li key={`${each.kind} ${each.deployment.id}`}>
              <button
                type="button"
                class={`need ${each.kind}`}
                onClick={() => {
                  onOpen(each.deployment.id);
                }}
              >
                <span class="need-kind">{titles[each.kind]}</span>
                <span class="need-since">{since(each.since, now)}</span>
                <span class="need-what">
                  {each.place.name} <b>{each.deployment.version}</b>
                </span>
                <span class="need-where">{whereIs(each.place)}</span>
                <span class="need-why">{each.why}</span>
              </button>
            </li>
          ))}
          {shownApprovals}
        </ul>
      )}
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
