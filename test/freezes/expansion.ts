import { spawnSync } from 'node:child_process';
import { occurrences } from '../../src/domain/freezes/occurrences.js';
import type { Question } from './random-rules.js';

/** The windows of a rule, each from one second since the epoch up to another. */
export type Windows = readonly (readonly [from: number, until: number])[];

/** A question, and what python-dateutil answered. */
export interface Expansion {
  readonly question: Question;
  readonly windows: Windows;
}

/** What this service answers. */
export function ourWindows(question: Question): Windows {
  const [from, to] = [textOf(question.from), textOf(question.to)];
  return occurrences(question, from, to, question.limit).map((window) => [
    Date.parse(window.from) / 1000,
    Date.parse(window.until) / 1000,
  ]);
}

/**
 * What python-dateutil answers.
 *
 * @param python an interpreter that has what `requirements.txt` names
 * @returns without those for which dateutil would look until the year 9999
 */
export function expandByDateutil(python: string, questions: readonly Question[]): Expansion[] {
  const { stdout, stderr, status } = spawnSync(python, ['test/freezes/expand.py'], {
    input: questions.map((question) => `${JSON.stringify(question)}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`Python failed: ${stderr}`);
  const answers = stdout.trim().split('\n');
  return questions.flatMap((question, nth) => {
    const windows = JSON.parse(answers[nth] ?? 'null') as Windows | null;
    return windows === null ? [] : [{ question, windows }];
  });
}

/** The expansions whose answers differ from ours, in words that can be read. */
export function differences(expansions: readonly Expansion[]): object[] {
  return expansions.flatMap(({ question, windows }) => {
    const ours = ourWindows(question);
    if (JSON.stringify(ours) === JSON.stringify(windows)) return [];
    return [{ question, ours: ours.map(show), dateutil: windows.map(show) }];
  });
}

/** A line of a file: its instants are seconds after the one that the question begins with, and lengths. */
export function toLine({ question, windows }: Expansion): string {
  const { time_zone: zone, starts, ends, rrule, from, to, limit } = question;
  const pairs = windows.map(([begin, end]) => [begin - from, end - begin]);
  return JSON.stringify([zone, starts, ends, rrule, from, to, limit, pairs]);
}

type Line = [string, string, string, string | null, number, number, number, [number, number][]];

/** Reads such a line. */
export function ofLine(line: string): Expansion {
  const [zone, starts, ends, rrule, from, to, limit, pairs] = JSON.parse(line) as Line;
  return {
    question: { time_zone: zone, starts, ends, rrule, from, to, limit },
    windows: pairs.map(([after, length]) => [from + after, from + after + length]),
  };
}

function show([from, until]: readonly [number, number]): string {
  return `${textOf(from)}/${textOf(until)}`;
}

function textOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
