/** Which test has to notice a mutant: its file, and a part of its name. */
export const noticers = {
  calls: ['test/model/few-runs.test', 'answers sequences of calls'],
  histories: ['test/model/few-runs.test', 'knows what runs'],
  claims: ['test/model/few-runs.test', 'keep every promise'],
  callers: ['test/model/few-runs.test', 'keep their Idempotency-Keys apart'],
  // What comes together in the model too seldom.
  examples: ['test/domain/queue/claim.test', 'claim'],
  gateExamples: ['test/domain/gates/*.test', 'gates'],
} as const;

/** A fault that breaks one rule of the design, which has to be noticed. */
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
