import type { Environment } from './environment.js';
import { escaped } from './printable.js';

/**
 * The runner of GitHub Actions reads what a step prints, line by line (a carriage return ends one as well),
 * and carries commands out. A line is one when it begins with `::` after white space, or has `##[` in it; the
 * comparisons pass over characters that a culture ignores, such as a zero-width space.
 *
 * See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands and `TryParseV2`
 * and `TryParse` in https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs.
 */
const ignored = String.raw`[\p{C}\p{DI}]*`;
const atTheStart = new RegExp(String.raw`^([\s\p{C}\p{DI}]*):(?=${ignored}:)`, 'u');
const anywhere = new RegExp(`#(?=${ignored}#${ignored}\\[)`, 'gu');

/**
 * Text in which a runner sees no command. Names and notes come from other people's pipelines. JSON stays
 * JSON and parses to the same, since there `##[` is in strings only and no line begins with a colon.
 *
 * @param text whole lines
 */
export function withoutCommands(text: string): string {
  return text.replaceAll(/[^\r\n]+/g, (line) =>
    line
      .replace(atTheStart, (_start, before: string) => before + escaped(':'))
      .replaceAll(anywhere, escaped('#')),
  );
}

/**
 * Tells the runner what to hide in the log, each secret once. The action wants that. Elsewhere nothing is
 * written: what a step of one's own prints may end in a file instead of in the log.
 *
 * @param write to where the runner reads it
 */
export function createMask(
  environment: Environment,
  write: (command: string) => void,
): (secret: string) => void {
  const { GITHUB_ACTIONS: actions, DEPLOYMENT_QUEUE_MASK_TOKENS: wanted } = environment;
  if (actions !== 'true' || wanted !== 'true') return () => undefined;
  const masked = new Set(['']);
  return (secret) => {
    if (masked.has(secret)) return;
    masked.add(secret);
    write(`::add-mask::${data(secret)}\n`);
  };
}

/**
 * An error, which the runner shows on the page of the run and in the log.
 *
 * @param text one line
 */
export function errorAnnotation(text: string): string {
  return annotation('error', text);
}

/** What is worth to be known of, likewise. */
export function noticeAnnotation(text: string): string {
  return annotation('notice', text);
}

function annotation(kind: 'error' | 'notice', text: string): string {
  return `::${kind} title=Deployment Queue::${data(withoutCommands(text))}\n`;
}

/** What a command is about, as the runner reads it back. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
