import type { Sample } from './soak.js';
import { median, riseOf } from './trend.js';

/** What must be flat, and what still counts as flat. */
interface Bound {
  readonly name: string;
  readonly unit: string;
  readonly digits: number;
  readonly of: (sample: Sample) => number;
  /** How far it may rise over the judged half, given its median there. */
  readonly allowed: (median: number) => number;
}

const mebibyte = 2 ** 20;

/**
 * A leak rises in proportion to what was served, so it is far outside of these by the end of a
 * long run; noise is not.
 */
const bounds: readonly Bound[] = [
  {
    name: 'heap after a collection',
    unit: 'MiB',
    digits: 1,
    of: ({ heap }) => heap / mebibyte,
    allowed: (usual) => 0.05 * usual,
  },
  {
    name: 'resident set',
    unit: 'MiB',
    digits: 1,
    of: ({ rss }) => rss / mebibyte,
    allowed: (usual) => 0.1 * usual,
  },
  { name: 'handles', unit: '', digits: 0, of: ({ handles }) => handles, allowed: () => 8 },
  { name: 'files', unit: '', digits: 0, of: ({ files }) => files, allowed: () => 8 },
  {
    // A busy machine holds up every process: what counts is what the service adds to that.
    name: "event loop lag beyond the load's own, p50",
    unit: 'ms',
    digits: 1,
    of: ({ lagP50, ownLagP50 }) => 1000 * (lagP50 - ownLagP50),
    allowed: (usual) => 10 + usual,
  },
  {
    name: "event loop lag beyond the load's own, p90",
    unit: 'ms',
    digits: 1,
    of: ({ lagP90, ownLagP90 }) => 1000 * (lagP90 - ownLagP90),
    allowed: (usual) => 50 + usual,
  },
];

/** One measure of a soak. */
export interface Verdict {
  readonly name: string;
  readonly flat: boolean;
  /** Cells of a table: name, first, median, highest, rise, what is allowed, all with units. */
  readonly cells: readonly string[];
}

/** Judges the second half of the samples: by then caches are full and code is compiled. */
export function judge(samples: readonly Sample[]): Verdict[] {
  const half = samples.slice(Math.floor(samples.length / 2));
  return bounds.map(({ name, unit, digits, of, allowed }) => {
    const values = half.map(of);
    const rise = riseOf(half.map((sample) => ({ at: sample.at, value: of(sample) })));
    const limit = allowed(median(values));
    const show = (value: number) => `${value.toFixed(digits)} ${unit}`.trim();
    const [first = NaN] = samples.map(of);
    const figures = [first, median(values), Math.max(...values), rise, limit].map(show);
    return { name, flat: rise <= limit, cells: [name, ...figures] };
  });
}

/** The verdicts as a table in Markdown. */
export function tableOf(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ cells, flat }) => [...cells, flat ? 'flat' : 'RISES']);
  const heads = ['second half of the run', 'at first', 'median', 'highest', 'rise', 'allowed', ''];
  return [heads, heads.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
