/** A measurement at an instant, in any unit of time. */
export interface Point {
  readonly at: number;
  readonly value: number;
}

/**
 * The slope of the line through points by Theil and Sen: the median of the slopes of all pairs, which
 * up to 29 % of outliers do not move far (P. K. Sen, 1968,
 * https://doi.org/10.1080/01621459.1968.10480934).
 *
 * @returns units of `value` for a unit of `at`
 */
export function slopeOf(points: readonly Point[]): number {
  const slopes = points.flatMap((a, index) =>
    points
      .slice(index + 1)
      .filter((b) => b.at !== a.at)
      .map((b) => (b.value - a.value) / (b.at - a.at)),
  );
  return median(slopes);
}

/** The middle value, the mean of the two for an even number; `NaN` of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle) - 1] ?? NaN)) / 2;
}

/** How far the line through points rises from the first to the last. */
export function riseOf(points: readonly Point[]): number {
  const [first, last] = [points[0], points.at(-1)];
  return first === undefined || last === undefined ? NaN : slopeOf(points) * (last.at - first.at);
}
