/** Which test of `few-runs.test.ts` has to notice a mutant, by a part of its name. */
export const noticers = {
  calls: 'answers sequences of calls',
  histories: 'knows what runs',
  claims: 'keep every promise',
  callers: 'keep their Idempotency-Keys apart',
} as const;

/** A fault that breaks one rule of the design, which the model has to notice. */
export interface Mutant {
  /** The rule that no longer holds. */
  readonly breaks: string;
  readonly file: string;
  /** What stands in the file, exactly once. */
  readonly text: string;
  readonly becomes: string;
}

/** Puts a mutant into the text of its file. @throws Error unless what it replaces is there exactly once */
export function mutate({ breaks, file, text, becomes }: Mutant, source: string): string {
  const found = source.split(text).length - 1;
  if (found === 1) return source.replace(text, () => becomes);
  throw new Error(`The mutant "${breaks}" replaces what is in ${file} ${found} times:\n${text}`);
}
