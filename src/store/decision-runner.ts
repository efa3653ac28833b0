import type { Decided, Decision, Slice, SliceData } from '../domain/decision.js';
import type { Read } from '../domain/reads.js';

/**
 * Runs a decision where reading takes no waiting.
 *
 * @param answer gives the result of one read
 */
export function runDecision<Result>(
  decision: Decision<Result> | Decided<Result>,
  answer: (read: Read) => unknown,
): Decided<Result> {
  if ('changes' in decision) return decision;
  for (let step = decision.next(); ;) {
    if (step.done === true) return step.value;
    const data: Record<string, unknown> = {};
    for (const [name, read] of Object.entries(step.value)) {
      data[name] = read === undefined ? undefined : answer(read);
    }
    step = decision.next(data as SliceData<Slice>);
  }
}

/**
 * Runs a decision where data is far away.
 *
 * @param answer gives the results of the reads of a slice, in their order
 */
export async function runDecisionFarAway<Result>(
  decision: Decision<Result> | Decided<Result>,
  answer: (reads: readonly Read[]) => Promise<readonly unknown[]>,
): Promise<Decided<Result>> {
  if ('changes' in decision) return decision;
  for (let step = decision.next(); ;) {
    if (step.done === true) return step.value;
    const asked = Object.entries(step.value).flatMap(([name, read]) =>
      read === undefined ? [] : [{ name, read }],
    );
    const results = await answer(asked.map(({ read }) => read));
    const data = Object.fromEntries(asked.map(({ name }, nth) => [name, results[nth]]));
    step = decision.next(data as SliceData<Slice>);
  }
}
