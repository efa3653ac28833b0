/** How often and from where fast-check runs a property. */
export interface Runs {
  readonly numRuns: number;
  readonly seed: number;
  readonly path?: string;
}

/**
 * Reads from the environment what repeats a failure: `FC_SEED` and `FC_PATH` of its report (and
 * `FC_REPLAY_PATH`, where the report has a `replayPath`); `FC_RUNS` runs more or fewer.
 *
 * @param usual how many runs there are unless told otherwise
 */
export function runsOf(usual: number): Runs {
  const { FC_RUNS, FC_SEED, FC_PATH } = process.env;
  const numRuns = Number(FC_RUNS ?? usual);
  const seed = Number(FC_SEED ?? Date.now() & 0x7fffffff);
  console.log(`      ${numRuns} runs, FC_SEED=${seed}`);
  return { numRuns, seed, ...(FC_PATH !== undefined && { path: FC_PATH }) };
}
