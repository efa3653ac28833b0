import { Component } from 'preact';
import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { QueuePosition } from '../../client/client.js';
import { isNarrowed } from '../state/filters.js';
import type { View } from '../state/filters.js';
import { isSameLine } from '../state/grid.js';
import type { Grid, Line } from '../state/grid.js';
import { move, positionsOf } from '../state/movement.js';
import type { Direction } from '../state/movement.js';
import type { Closed } from '../state/gates.js';
import { placeKey } from '../state/place.js';
import type { Place } from '../state/place.js';
import type { Wanted } from '../sync.js';
import { CellView } from './cell.js';
import { useVisible } from './use-visible.js';
import type { ChangeView } from './use-view.js';

interface BoardGridProps {
  readonly grid: Grid;
  readonly queue: ReadonlyMap<string, QueuePosition>;
  /** What is closed for a place; another function once that has changed. */
  readonly closedFor: (place: Place) => readonly Closed[];
  readonly now: number;
  readonly view: View;
  readonly changeView: ChangeView;
  readonly isLoaded: boolean;
  /** Whether there is nothing at all, whatever is filtered. */
  readonly isEmpty: boolean;
  readonly onOpen: (id: string) => void;
  readonly onWanted: (wanted: readonly Wanted[]) => void;
}

const directions: Readonly<Record<string, Direction>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
  Home: 'first',
  End: 'last',
  k: 'up',
  j: 'down',
  h: 'left',
  l: 'right',
};

/** How many places in queues are looked up at most. */
const maxWanted = 30;

/** What runs where. The arrows, or `hjkl`, lead from cell to cell. */
export function BoardGrid(props: BoardGridProps) {
  const { grid, queue, closedFor, now, view, changeView } = props;
  const { isLoaded, isEmpty, onOpen, onWanted } = props;
  const root = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState<string>();
  const positions = useMemo(() => positionsOf(grid), [grid]);
  const first = useMemo(() => move(positions, undefined, 'first'), [positions]);
  const isThere = useMemo(() => positions.flat(2).includes(focused ?? ''), [positions, focused]);
  const active = isThere ? focused : first;

  // What a key is pressed in may have been drawn a moment ago.
  const latest = useRef({ positions, active });
  latest.current = { positions, active };

  const visible = useVisible(root, grid);
  useEffect(() => {
    const wanted = grid.groups.flatMap(({ lines }) =>
      lines
        .filter(({ key }) => visible.has(key))
        .flatMap(({ cells }) => cells.flat())
        .flatMap(({ environment, waiting, in_progress }) =>
          [waiting.next, ...in_progress].flatMap((brief) =>
            brief === null ? [] : [{ id: brief.id, environment }],
          ),
        ),
    );
    onWanted(wanted.slice(0, maxWanted));
  }, [grid, visible]);

  const focus = useCallback((key: string | undefined) => {
    const cell = root.current?.querySelector<HTMLElement>(`[data-cell="${CSS.escape(key ?? '')}"]`);
    cell?.focus();
  }, []);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const direction = directions[event.key];
      const { target } = event;
      const isElsewhere =
        target instanceof Element &&
        target !== document.body &&
        root.current?.contains(target) !== true;
      const isOther = event.ctrlKey || event.metaKey || event.altKey;
      if (direction === undefined || isElsewhere || isOther) return;
      // With nothing in focus, Home and End scroll the page, as everywhere.
      if (target === document.body && /Home|End/.test(event.key)) return;
      event.preventDefault();
      const from = cellOf(target);
      const { positions: there, active: entry } = latest.current;
      focus(from === undefined ? entry : move(there, from, direction));
    };
    addEventListener('keydown', press);
    return () => {
      removeEventListener('keydown', press);
    };
  }, []);

  if (grid.groups.length === 0) {
    return (
      <div class="grid-empty" aria-busy={!isLoaded}>
        {isLoaded && (
          <Empty isEmpty={isEmpty} isFiltered={isNarrowed(view)} changeView={changeView} />
        )}
      </div>
    );
  }
  return (
    <div
      ref={root}
      class={`grid columns-${Math.min(8, grid.environments.length)}`}
      role="grid"
      aria-label="What runs where"
      aria-busy={!isLoaded}
      aria-rowcount={positions.length + 1}
      onFocusCapture={({ target }) => {
        const key = target instanceof HTMLElement ? target.dataset['cell'] : undefined;
        if (key !== undefined) setFocused(key);
      }}
    >
      <div class="row head" role="row">
        <div class="name" role="columnheader">
          Component
        </div>
        {grid.environments.map((name) => (
          <div key={name} class="column" role="columnheader">
            {name}
          </div>
        ))}
      </div>
      {grid.groups.map(({ name, lines }) =>
        lines.map((line, nth) => (
          <Unchanged
            key={line.key}
            line={line}
            // Only the cell that the focus comes to or leaves is drawn again.
            active={hasCell(line, active) ? active : undefined}
            now={now}
            closedFor={closedFor}
            queue={queueOf(line, queue)}
            columns={grid.environments.join()}
          >
            {() => (
              <div class={nth === 0 ? 'row first' : 'row'} role="row" data-line={line.key}>
                <div class="name" role="rowheader">
                  <span class={nth === 0 ? 'component' : 'component repeated'}>{name}</span>
                  {line.label !== '' && <span class="place">{line.label}</span>}
                </div>
                {line.cells.map((cell, column) => (
                  <CellView
                    key={grid.environments[column]}
                    environment={grid.environments[column] ?? ''}
                    {...{ cell, queue, closedFor, now, active, onOpen }}
                  />
                ))}
              </div>
            )}
          </Unchanged>
        )),
      )}
    </div>
  );
}

function Empty({
  isEmpty,
  isFiltered,
  changeView,
}: {
  readonly isEmpty: boolean;
  readonly isFiltered: boolean;
  readonly changeView: ChangeView;
}) {
  if (isEmpty || !isFiltered) {
    return (
      <p>
        Nothing has been registered yet. As soon as a pipeline registers a deployment, it is seen
        here.
      </p>
    );
  }
  return (
    <p>
      Nothing matches.{' '}
      <button
        type="button"
        class="button"
        onClick={() => {
          changeView({ search: '', environments: [], provider: '', region: '', show: 'all' });
        }}
      >
        Show everything
      </button>
    </p>
  );
}

/** The cell that an element of the page is in. */
function cellOf(target: EventTarget | null): string | undefined {
  if (!(target instanceof Element)) return undefined;
  return target.closest('.entry')?.querySelector<HTMLElement>('[data-cell]')?.dataset['cell'];
}

function hasCell({ cells }: Line, key: string | undefined): boolean {
  return key !== undefined && cells.some((cell) => cell.some((row) => placeKey(row) === key));
}

function queueOf({ cells }: Line, queue: ReadonlyMap<string, QueuePosition>) {
  return cells.flatMap((cell) => cell.map(({ waiting: { next } }) => next && queue.get(next.id)));
}

interface UnchangedProps extends Pick<BoardGridProps, 'closedFor'> {
  readonly line: Line;
  readonly active: string | undefined;
  readonly now: number;
  readonly queue: readonly (QueuePosition | null | undefined)[];
  readonly columns: string;
  readonly children: () => ComponentChildren;
}

/** A line that is drawn again only when what it shows has changed: there may be a thousand. */
class Unchanged extends Component<UnchangedProps> {
  override shouldComponentUpdate(next: UnchangedProps): boolean {
    const { line, active, now, closedFor, queue, columns } = this.props;
    return !(
      isSameLine(line, next.line) &&
      active === next.active &&
      now === next.now &&
      closedFor === next.closedFor &&
      columns === next.columns &&
      queue.every((position, nth) => position === next.queue[nth])
    );
  }

  override render(): ComponentChildren {
    return this.props.children();
  }
}
