import { parse } from 'yaml';

/** A curl in a document that can be run: a place, and the script that it is in. */
export interface Script {
  /** The line of the document at which the script begins, from 1. */
  readonly line: number;
  /** Every `curl` in it says in `CURL_AT` which one it is. */
  readonly commands: string;
  /** The curls in it, by what their `CURL_AT` says. */
  readonly curls: readonly string[];
  /** For a step of a workflow: what its `env`, its job's and its workflow's say. */
  readonly env: Readonly<Record<string, string>>;
  /** For a step of a workflow, its `id`. */
  readonly step: string | undefined;
  /** Statuses of refusals that the section around it speaks of. */
  readonly refusals: ReadonlySet<number>;
}

/** What there is to run in a document, and the curls that nothing can run. */
export interface Curls {
  /** In the order of the document, and with those that only say what variables and functions are. */
  readonly scripts: readonly Script[];
  /** Lines with a curl that is in none of the scripts. */
  readonly strays: readonly string[];
}

/** A `curl` that is called, and what may stand before it in a line. */
const call = /(^|[\s|;&(`{!])curl(?=\s)/g;

/** Nothing but comments, assignments and functions on one line. */
const onlyDefines = /^(?:\s*(?:#.*|(?:export )?\w+=.*|\w+\(\) *\{.*\})?\n)*$/;

interface Fence {
  readonly line: number;
  readonly language: string;
  readonly content: string;
}

/**
 * Finds every curl in a Markdown text.
 *
 * Blocks in `sh` or `bash` can be run, and so can the `run:` of steps in a `yaml` block and a whole
 * command in a sentence. A curl anywhere else, in a block without a language for one, is a stray:
 * nothing tests it.
 */
export function curlsOf(markdown: string): Curls {
  const fences = fencesOf(markdown);
  const inFences = new Set(
    fences.flatMap(({ line, content }) =>
      content.split('\n').map((_text, index) => line + 1 + index),
    ),
  );
  const scripts = fences.flatMap((fence) =>
    scriptsOf(fence, refusalsIn(sectionAt(markdown, fence.line))),
  );
  const lines = markdown.split('\n');
  const spans = lines.flatMap((text, index) =>
    inFences.has(index + 1)
      ? []
      : [...text.matchAll(/`(curl\s[^`]*)`/g)].map(([, command = '']): Script => {
          const line = index + 1;
          const refusals = refusalsIn(sectionAt(markdown, line));
          return {
            line,
            ...mark(`${command}\n`, String(line)),
            env: {},
            step: undefined,
            refusals,
          };
        }),
  );
  const outside = lines.flatMap((text, index) =>
    !inFences.has(index + 1) && /^\s+(?:\$ )?curl\s+\S|`curl\s[^`]*$/.test(text)
      ? [`${index + 1}: ${text.trim()}`]
      : [],
  );
  const unrunnable = fences.flatMap((fence) => {
    const found = fence.content.match(call)?.length ?? 0;
    const run = scriptsOf(fence, new Set()).flatMap(({ curls }) => curls).length;
    return found === run ? [] : [`${fence.line}: a block of ${fence.language || 'no language'}`];
  });
  return {
    scripts: [...scripts, ...spans].sort((a, b) => a.line - b.line),
    strays: [...outside, ...unrunnable],
  };
}

function fencesOf(markdown: string): Fence[] {
  return [...markdown.matchAll(/^( *)```(\w*).*\n([^]*?)^\1```$/gm)].map((match) => ({
    line: lineOf(markdown, match.index),
    language: match[2] ?? '',
    content: (match[3] ?? '').replaceAll(new RegExp(`^${match[1] ?? ''}`, 'gm'), ''),
  }));
}

function scriptsOf(fence: Fence, refusals: ReadonlySet<number>): Script[] {
  const { line, language, content } = fence;
  if (['sh', 'bash', 'shell'].includes(language)) {
    const script = mark(content, String(line));
    const runs = script.curls.length > 0 || onlyDefines.test(content);
    return runs ? [{ line, ...script, env: {}, step: undefined, refusals }] : [];
  }
  if (!['yaml', 'yml'].includes(language) || !/\bcurl\b/.test(content)) return [];
  return stepsOf(parse(content), {})
    .map(({ run, env, id }, index) => ({
      line,
      ...mark(run, `${line}, step ${index + 1}`),
      env,
      step: id,
      refusals,
    }))
    .filter(({ curls }) => curls.length > 0);
}

function mark(script: string, place: string): Pick<Script, 'commands' | 'curls'> {
  const curls: string[] = [];
  const commands = script.replaceAll(call, (_curl, before: string) => {
    const at = `${place}, curl ${curls.length + 1}`;
    curls.push(at);
    return `${before}CURL_AT='${at}' curl`;
  });
  return { commands, curls };
}

interface Step {
  readonly run: string;
  readonly env: Record<string, string>;
  readonly id: string | undefined;
}

/** The steps in a workflow, a job or a list of steps, wherever they are. */
function stepsOf(value: unknown, outer: Record<string, string>): Step[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((inner) => stepsOf(inner, outer));
  const fields = value as Record<string, unknown>;
  const own = Object.entries((fields['env'] ?? {}) as Record<string, unknown>);
  const env = { ...outer, ...Object.fromEntries(own.map(([name, text]) => [name, String(text)])) };
  const { run, id } = fields;
  if (typeof run === 'string') return [{ run, env, id: typeof id === 'string' ? id : undefined }];
  return Object.values(fields).flatMap((inner) => stepsOf(inner, env));
}

/** The part of a document between two headings that a line is in. */
function sectionAt(markdown: string, line: number): string {
  const lines = markdown.split('\n');
  const headings = headingLines(markdown);
  const from = headings.filter((heading) => heading <= line).at(-1) ?? 1;
  const to = headings.find((heading) => heading > line) ?? lines.length + 1;
  return lines.slice(from - 1, to - 1).join('\n');
}

function headingLines(markdown: string): number[] {
  // A comment in a script looks like a heading.
  const blank = markdown.replaceAll(/^( *)```[^]*?^\1```$/gm, (fence) =>
    fence.replaceAll(/[^\n]/g, ' '),
  );
  return blank.split('\n').flatMap((text, index) => (/^#+ /.test(text) ? [index + 1] : []));
}

function refusalsIn(section: string): Set<number> {
  return new Set([...section.matchAll(/\b[45]\d\d\b/g)].map(([status]) => Number(status)));
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
