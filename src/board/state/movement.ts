import type { Grid } from './grid.js';
import { placeKey } from './place.js';

export type Direction = 'up' | 'down' | 'left' | 'right' | 'first' | 'last';

/** The keys of a grid's cells as they stand: a list a line, in it a list a column. */
export type Positions = readonly (readonly (readonly string[])[])[];

/** Where the cells of a grid are. */
export function positionsOf({ groups }: Grid): Positions {
  return groups.flatMap(({ lines }) =>
    lines.map(({ cells }) => cells.map((cell) => cell.map(placeKey))),
  );
}

/**
 * The cell that a key leads to.
 *
 * @param from the cell that has the focus; none where none has it
 * @returns the same one at an edge; `undefined` where there is no cell at all
 */
export function move(
  positions: Positions,
  from: string | undefined,
  direction: Direction,
): string | undefined {
  const cells = positions.flatMap((line, row) =>
    line.flatMap((keys, column) => keys.map((key, nth) => ({ key, row, column, nth }))),
  );
  const here = cells.find(({ key }) => key === from);
  if (here === undefined || direction === 'first') return cells[0]?.key;
  if (direction === 'last') return cells.at(-1)?.key;
  const isForward = direction === 'down' || direction === 'right';
  const ahead = isForward ? cells : cells.toReversed();
  const next = ahead.slice(ahead.indexOf(here) + 1);
  if (direction === 'left' || direction === 'right') {
    return next.find(({ row }) => row === here.row)?.key ?? here.key;
  }
  const within = next.find(({ row, column }) => row === here.row && column === here.column);
  if (within !== undefined) return within.key;
  const inColumn = next.find(({ row, column }) => row !== here.row && column === here.column);
  return inColumn?.key ?? next.find(({ row }) => row !== here.row)?.key ?? here.key;
}
