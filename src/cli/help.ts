import { Help } from 'commander';

/** The width of help where no terminal says how wide it is. */
const usualWidth = 100;
/** Beyond this, lines are hard to read. */
const greatestWidth = 120;
/** Narrower columns of descriptions are left to the terminal. */
export const leastDescription = 20;

/** How wide help is, at a terminal of so many columns. */
export function helpWidth(columns: number | undefined): number {
  return columns === undefined ? usualWidth : Math.min(columns, greatestWidth);
}

/** A part of the help: terms with what they mean, laid out as commander lays out options. */
export function helpList(
  title: string,
  items: readonly (readonly [term: string, meaning: string])[],
  width: number,
): string {
  const help = helpOf(width);
  const termWidth = Math.max(...items.map(([term]) => term.length));
  const lines = items.map(([term, meaning]) => help.formatItem(term, termWidth, meaning, help));
  return ['', `${title}:`, ...lines].join('\n');
}

/** A part of the help in sentences. */
export function helpText(text: string, width: number): string {
  return `\n${helpOf(width).boxWrap(text, width)}`;
}

function helpOf(width: number): Help {
  const help = new Help();
  help.helpWidth = width;
  help.minWidthToWrap = leastDescription;
  return help;
}
