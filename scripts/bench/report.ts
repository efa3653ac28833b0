import type { Histogram } from 'hdr-histogram-js';
import type { Others } from './load.js';

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** The middle value with the least and the greatest behind it. */
export function withSpread(values: readonly number[], digits: number): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return `${median(values).toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;
}

/** The least value that such a share of all is below; `NaN` of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/** Latency at the percentiles that matter, in milliseconds. */
export function percentiles(latency: Histogram): string {
  return [50, 99, 99.9]
    .map((percentile) => (latency.getValueAtPercentile(percentile) / 1000).toFixed(2))
    .join(' / ');
}

/** All the answers that were not good ones, such as `12 × 503`; a dash when there were none. */
export function tellOthers(all: readonly Others[]): string {
  const counts = new Map<string, number>();
  for (const others of all) {
    for (const what in others) counts.set(what, (counts.get(what) ?? 0) + (others[what] ?? 0));
  }
  return counts.size === 0 ? '–' : [...counts].map(([what, n]) => `${n} × ${what}`).join(', ');
}

/** Prints a row of a Markdown table. */
export function row(...cells: readonly string[]): void {
  console.log(`| ${cells.join(' | ')} |`);
}

/** Prints the head of a Markdown table. */
export function tableHead(...cells: readonly string[]): void {
  row(...cells);
  row(...cells.map(() => '---'));
}
