import cliui from 'cliui';
import stringWidth from 'string-width';
import { printable } from './printable.js';
import { paintStatus } from './view.js';
import type { View } from './view.js';

/** A row: what stands under each heading, `null` for nothing. */
export type Row = Readonly<Record<string, string | null>>;

/** How to lay rows out. */
export interface TableOptions {
  /** Whether what is too long goes on in the next line; it is cut off else. */
  readonly wrap?: boolean;
}

/** A table, and the headings for which there was no room. */
export interface Table {
  readonly text: string;
  readonly leftOut: readonly string[];
}

const gap = 2;
/** A column is not made narrower than this, which holds every status, nor than its heading. */
const leastWidth = 11;
const statusHeadings: readonly string[] = ['STATUS', 'FROM', 'TO'];

/**
 * Rows under their headings; a column in which no row has a value is left out. At a terminal the last columns
 * are left out, and the widest are made narrower, until a row fits in a line.
 */
export function table(
  rows: readonly Row[],
  view: View,
  { wrap = false }: TableOptions = {},
): Table {
  const names = Object.keys(rows[0] ?? {}).filter((name) => rows.some((row) => row[name] != null));
  const lines = rows.map((row) => names.map((name) => printable(row[name] ?? '-')));
  const widths = names.map((name, nth) =>
    lines.reduce((width, line) => Math.max(width, stringWidth(line[nth] ?? '')), stringWidth(name)),
  );
  const fitting = view.columns === undefined ? widths : fit(names, widths, view.columns);
  const layout = cliui({ width: view.columns ?? total(widths), wrap });
  const add = (cells: readonly string[], paint: (cell: string, name: string) => string) => {
    layout.div(
      ...fitting.map((width, nth) => {
        const cell = cells[nth] ?? '';
        const right = nth === fitting.length - 1 ? 0 : gap;
        const text = paint(wrap ? cell : cut(cell, width), names[nth] ?? '');
        return { text, width: width + right, padding: [0, right, 0, 0] as const };
      }),
    );
  };
  const { bold, dim } = view.paint;
  add(names, bold);
  for (const line of lines) {
    add(line, (cell, name) => {
      if (cell === '-') return dim(cell);
      return statusHeadings.includes(name) ? paintStatus(view.paint, cell) : cell;
    });
  }
  return { text: `${layout.toString()}\n`, leftOut: names.slice(fitting.length) };
}

const graphemes = new Intl.Segmenter();

/** As much of a text as fits, with an ellipsis where that is not all of it. */
export function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let start = '';
  let used = 1;
  for (const { segment } of graphemes.segment(text)) {
    used += stringWidth(segment);
    if (used > width) break;
    start += segment;
  }
  return `${start}…`;
}

/** The widths of as many of the first columns as there is room for. */
function fit(names: readonly string[], widths: readonly number[], columns: number): number[] {
  const least = widths.map((width, nth) =>
    Math.min(width, Math.max(stringWidth(names[nth] ?? ''), leastWidth)),
  );
  let count = widths.length;
  while (count > 1 && total(least.slice(0, count)) > columns) count -= 1;
  const fitted = widths.slice(0, count);
  for (let over = total(fitted) - columns; over > 0; over -= 1) {
    const spare = fitted.map((width, nth) => (width > (least[nth] ?? 0) ? width : 0));
    const widest = spare.indexOf(Math.max(...spare));
    fitted[widest] = (fitted[widest] ?? 0) - 1;
  }
  return fitted;
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, gap * (widths.length - 1));
}
