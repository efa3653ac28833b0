import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Commands of a document, and the answer that it shows for them; none when it shows none. */
export interface Step {
  readonly commands: string;
  readonly answer: string | undefined;
}

/** The `sh` blocks of a Markdown text, each with the `json` or `text` block that follows it. */
export function stepsOf(markdown: string): Step[] {
  const steps: { commands: string; answer: string | undefined }[] = [];
  for (const [, language, content = ''] of markdown.matchAll(/^```(sh|json|text)\n(.*?)^```$/gms)) {
    const last = steps.at(-1);
    if (language === 'sh') steps.push({ commands: content, answer: undefined });
    else if (last !== undefined) last.answer ??= content;
  }
  return steps;
}

/**
 * Runs steps one after the other in one shell.
 *
 * @returns what each step printed
 */
export async function runSteps(steps: readonly Step[]): Promise<string[]> {
  const mark = '@@ end of step @@';
  const script = steps.map(({ commands }) => `${commands}\necho; echo '${mark}'`).join('\n');
  const shell = spawn('bash', ['-s'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let printed = '';
  shell.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  shell.stdin.end(script);
  await once(shell, 'close');
  return printed
    .split(mark)
    .slice(0, -1)
    .map((output) => output.trim());
}

/**
 * Replaces what differs from run to run: ids and entity tags by their order of appearance, instants
 * by their shape.
 */
export function settle(text: string): string {
  const ids = new Map<string, string>();
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id) => {
      const name = ids.get(id) ?? `<id ${ids.size + 1}>`;
      ids.set(id, name);
      return name;
    })
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<instant>');
}
