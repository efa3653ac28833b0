import type { Environment } from './environment.js';

/** A stream as Node has it: a terminal, or a file or pipe that has no width. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  hasColors?(environment: object): boolean;
}

/** What is known of whoever reads the output. */
export interface Terminal {
  /** How many characters fit in a line; `undefined` where no terminal is. */
  readonly columns: number | undefined;
  readonly colours: boolean;
}

/** What a terminal that does not say how wide it is counts as. */
const usualColumns = 80;

/** What is known of a stream. `NO_COLOR` (https://no-color.org) wins over `FORCE_COLOR`. */
export function terminalOf(output: Output, environment: Environment): Terminal {
  const isTerminal = output.isTTY === true;
  return {
    columns: isTerminal ? columnsOf(output) : undefined,
    colours: coloursOf(environment, () => isTerminal && output.hasColors?.(environment) === true),
  };
}

/** A terminal that does not know says 0. */
function columnsOf({ columns = 0 }: Output): number {
  return columns > 0 ? columns : usualColumns;
}

function coloursOf({ NO_COLOR, FORCE_COLOR }: Environment, usual: () => boolean): boolean {
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return !/^(0|false)$/.test(FORCE_COLOR);
  return usual();
}
