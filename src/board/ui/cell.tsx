import type { CurrentState, DeploymentBrief, QueuePosition } from '../../client/client.js';
import { gateInWords } from '../state/gates.js';
import type { Closed } from '../state/gates.js';
import { webLink } from '../state/links.js';
import { placeKey, whereIs } from '../state/place.js';
import type { Place } from '../state/place.js';
import type { Cell } from '../state/grid.js';
import { reasonFor } from '../state/queue-words.js';
import { counted, since, statusWord } from '../state/words.js';
import { GateIcon } from './gate-icon.js';
import { WebLink } from './web-link.js';

interface CellViewProps {
  readonly environment: string;
  readonly cell: Cell;
  readonly queue: ReadonlyMap<string, QueuePosition>;
  /** What is closed for a place. */
  readonly closedFor: (place: Place) => readonly Closed[];
  readonly now: number;
  /** The cell that Tab leads to. */
  readonly active: string | undefined;
  readonly onOpen: (id: string) => void;
}

/** One component in one environment: in one account, or in several. */
export function CellView(props: CellViewProps) {
  const { environment, cell, queue, closedFor, now, active, onOpen } = props;
  return (
    <div class={cell.length === 0 ? 'cell empty' : 'cell'} role="gridcell">
      {cell.length > 0 && <span class="cell-environment">{environment}</span>}
      {cell.map((row) => {
        const key = placeKey(row);
        return (
          <Entry
            key={key}
            {...{ row, queue, closedFor, now, onOpen }}
            cellKey={key}
            isActive={key === active}
            showsAccount={cell.length > 1}
          />
        );
      })}
    </div>
  );
}

interface EntryProps extends Pick<CellViewProps, 'queue' | 'closedFor' | 'now' | 'onOpen'> {
  readonly row: CurrentState;
  readonly cellKey: string;
  readonly isActive: boolean;
  readonly showsAccount: boolean;
}

function Entry(props: EntryProps) {
  const { row, queue, closedFor, now, onOpen, cellKey, isActive, showsAccount } = props;
  const { current, waiting, in_progress: inProgress } = row;
  const shown = current ?? waiting.next;
  const state = stateOf(row);
  const next = waiting.next;
  return (
    <div class={`entry ${state}`}>
      <button
        type="button"
        class="open"
        data-cell={cellKey}
        tabIndex={isActive ? 0 : -1}
        onClick={() => {
          if (shown !== null) onOpen(shown.id);
        }}
      >
        <span class="dot" aria-hidden="true" />
        <span class="hidden">{`${row.name} in ${whereIs(row)}: `}</span>
        <Versions row={row} />
        <span class="hidden">{` ${statusOf(row)} `}</span>
        <ClosedMarks closed={closedFor(row)} />
        <span class="since">{since(sinceOf(current), now)}</span>
      </button>
      <span class="by">
        {showsAccount && <span class="account">{row.cloud_account_id ?? 'no account'}</span>}
        {current !== null && <ByLine brief={current} />}
      </span>
      {(current?.status === 'failed' || inProgress.length > 0 || waiting.count > 0) && (
        <span class="marks">
          {current?.status === 'failed' && <span class="mark bad">failed</span>}
          {current?.status === 'cancelled' && <span class="mark">cancelled</span>}
          {inProgress.map(({ id, version, started_at }) => (
            <button
              key={id}
              type="button"
              tabIndex={-1}
              class="mark busy"
              onClick={() => {
                onOpen(id);
              }}
            >
              {id === current?.id ? '' : `${version} `}rolling out {since(started_at, now)}
            </button>
          ))}
          {waiting.count > 0 && (
            <button
              type="button"
              tabIndex={-1}
              class="mark waits"
              onClick={() => {
                if (next !== null) onOpen(next.id);
              }}
            >
              {waitingWords(row, next && queue.get(next.id))}
            </button>
          )}
        </span>
      )}
    </div>
  );
}

/** That a place is closed: by a lock, a freeze, or both. */
function ClosedMarks({ closed }: { readonly closed: readonly Closed[] }) {
  return (['lock', 'freeze'] as const).map((kind) => {
    const words = closed.filter((gate) => gate.kind === kind).map((gate) => gateInWords(gate));
    if (words.length === 0) return null;
    return (
      <span key={kind} class={`closed-mark ${kind}`} title={words.join('\n')}>
        <GateIcon kind={kind} />
        <span class="hidden">{`${words.join('; ')} `}</span>
      </span>
    );
  });
}

/** The version that runs; while another one is rolled out, from which to which. */
function Versions({ row: { current, previous_good: before } }: { readonly row: CurrentState }) {
  if (current === null) return <span class="version none">nothing yet</span>;
  if (current.status !== 'in_progress' || before === null) {
    return <span class="version">{current.version}</span>;
  }
  return (
    <span class="version">
      <span class="before">{before.version}</span> <span aria-hidden="true">→</span>{' '}
      {current.version}
    </span>
  );
}

function ByLine({ brief }: { readonly brief: DeploymentBrief }) {
  const who = brief.created_by_actor ?? brief.created_by_repo;
  return (
    <>
      {who !== null && <span class="who">{who}</span>}
      {brief.trigger === 'rollback' && <span class="trigger">rollback</span>}
      <WebLink href={webLink(brief.build_uri)} isQuiet>
        run
      </WebLink>
      <WebLink href={webLink(brief.deployment_uri)} isQuiet>
        rollout
      </WebLink>
    </>
  );
}

function stateOf({ current }: CurrentState): string {
  return current === null ? 'none' : current.status.replaceAll('_', '-');
}

function sinceOf(current: DeploymentBrief | null): string | null {
  if (current === null) return null;
  return current.status === 'deployed'
    ? current.deployed_at
    : (current.finished_at ?? current.started_at);
}

function waitingWords(
  { waiting: { count, next } }: CurrentState,
  position: QueuePosition | null | undefined,
): string {
  const reason = position == null ? '' : reasonFor(position);
  const what =
    count === 1 && next !== null ? `${next.version} waits` : counted(count, 'waits', 'wait');
  return reason === '' ? what : `${what}, ${reason}`;
}

/** What the colour of the dot says. */
function statusOf({ current }: CurrentState): string {
  return current === null ? '' : statusWord(current.status);
}
