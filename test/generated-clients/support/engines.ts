import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { need, pythonTools, suite } from './tools.js';

/** What an engine of regular expressions is asked. */
export interface Question {
  readonly patterns: readonly string[];
  readonly texts: readonly string[];
}

/** An engine of regular expressions of another language, as that language's clients use it. */
export interface Engine {
  readonly name: string;
  /** Whether to it `$` is the end of the text, and not also the place before a last line feed. */
  readonly endsAtTheEnd: boolean;
  /** Tells of each pattern which of the texts it matches. @throws ToolMissing */
  match(question: Question): unknown;
}

const ask = (program: string, parameters: readonly string[], input: string, cwd = suite): unknown =>
  JSON.parse(execFileSync(program, parameters, { cwd, input, encoding: 'utf8' }));

function askPython(engine: string, question: Question): unknown {
  const python = join(pythonTools(), 'python');
  const parameters = [join(suite, 'python/patterns.py'), engine];
  return ask(python, parameters, JSON.stringify(question));
}

const base64 = (list: readonly string[]) =>
  list.map((each) => `${Buffer.from(each).toString('base64')},`).join('');

export const engines: readonly Engine[] = [
  {
    name: 'Go, whose syntax is RE2',
    endsAtTheEnd: true,
    match(question) {
      need('go', 'version');
      return ask('go', ['run', './patterns'], JSON.stringify(question), join(suite, 'go'));
    },
  },
  {
    name: 'Java',
    endsAtTheEnd: true,
    match({ patterns, texts }) {
      need('java', '-version');
      const input = `${base64(patterns)}\n${base64(texts)}\n`;
      return ask('java', [join(suite, 'java/Patterns.java')], input);
    },
  },
  { name: 'Python', endsAtTheEnd: false, match: (question) => askPython('python', question) },
  { name: 'Rust', endsAtTheEnd: true, match: (question) => askPython('rust', question) },
];
