import type { ChangeSet } from './changes.js';
import type { Read, ResultOf } from './reads.js';

/**
 * What a decision needs to know: reads by the name under which it wants their results, and `undefined`
 * for what it can do without this time.
 */
export type Slice = Readonly<Record<string, Read | undefined>>;

/** The results of a slice. */
export type SliceData<S extends Slice> = { readonly [Name in keyof S]: Result<S[Name]> };

type Result<R> = R extends Read ? ResultOf<R> : undefined;

/**
 * A decision: a pure function from what is stored to what changes.
 *
 * It is a generator, so that it may look at one thing, and then at another that depends on the first,
 * without doing any I/O of its own: it yields a slice, is handed that slice's data, and in the end
 * returns what changes, and what to tell the caller. Whoever runs it, a store, sees to it that all of it
 * is one transaction, and runs it once more from its start when another process got in between.
 *
 * @example
 * function* rename(id: string, notes: string): Decision<StoredDeployment> {
 *   const { target } = yield* look({ target: { read: 'deployment', id } });
 *   …
 *   return { changes: { deployments: { updated: [changed] } }, result: changed };
 * }
 */
export type Decision<Result> = Generator<Slice, Decided<Result>, SliceData<Slice>>;

/** What a decision comes to. An error that it throws changes nothing and reaches the caller. */
export interface Decided<Result> {
  readonly changes: ChangeSet;
  readonly result: Result;
}

/**
 * Looks at what is stored, from within a decision: `const { target } = yield* look({ … })`.
 *
 * What is asked for in one slice is read together, which is one round trip where a store is far away.
 */
export function* look<S extends Slice>(slice: S): Generator<Slice, SliceData<S>, SliceData<Slice>> {
  // Whoever runs a decision hands it the data of the slice that it has just yielded.
  return (yield slice) as SliceData<S>;
}

/** What a decision comes to, whether or not it had to look at anything. */
export function* settle<Result>(decision: Decision<Result> | Decided<Result>): Decision<Result> {
  return 'changes' in decision ? decision : yield* decision;
}

/**
 * Carries out parts of a decision side by side: what they look at next is read together.
 *
 * @returns what each comes to, in their order
 */
export function* together<Result>(
  parts: readonly Generator<Slice, Result, SliceData<Slice>>[],
): Generator<Slice, Result[], SliceData<Slice>> {
  const steps = parts.map((part) => part.next());
  for (;;) {
    const asked = steps.map((step) => (step.done === true ? {} : step.value));
    if (steps.every(({ done }) => done)) break;
    const data = yield Object.fromEntries(
      asked.flatMap((slice, nth) =>
        Object.entries(slice).map(([name, read]) => [`${nth} ${name}`, read]),
      ),
    );
    for (const [nth, slice] of asked.entries()) {
      if (steps[nth]?.done === true) continue;
      const own = Object.keys(slice).map((name) => [name, data[`${nth} ${name}`]]);
      const next = parts[nth]?.next(Object.fromEntries(own) as SliceData<Slice>);
      if (next !== undefined) steps[nth] = next;
    }
  }
  return steps.flatMap((step) => (step.done === true ? [step.value] : []));
}
