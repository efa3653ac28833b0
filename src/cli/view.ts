import { createColors } from 'picocolors';
import type { Terminal } from './terminal.js';

type Colours = ReturnType<typeof createColors>;

/** How to show things to whoever reads the output. */
export interface View {
  /** What a line has room for; `undefined` where everything is shown whole. */
  readonly columns: number | undefined;
  /** What ages are counted from, in milliseconds since 1970. */
  readonly now: number;
  readonly paint: Colours;
}

/**
 * Fits things to the terminal; in a file or a pipe, and when that is wanted, everything is shown whole.
 *
 * @param wide whether it is wanted
 */
export function viewOf({ columns, colours }: Terminal, wide: boolean): View {
  return {
    columns: wide ? undefined : columns,
    now: Date.now(),
    paint: createColors(colours),
  };
}

const statusColours: Readonly<Record<string, 'blue' | 'cyan' | 'green' | 'red' | 'yellow'>> = {
  scheduled: 'blue',
  in_progress: 'cyan',
  deployed: 'green',
  failed: 'red',
  cancelled: 'yellow',
};

/** A status in its colour; one that this program does not know has none. */
export function paintStatus(paint: Colours, status: string): string {
  const colour = statusColours[status];
  return colour === undefined ? status : paint[colour](status);
}
