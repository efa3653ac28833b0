import { UsageError } from './failure.js';

/**
 * Asks whoever is at the terminal.
 *
 * @param secret whether the answer stays off the screen
 * @param otherwise what to do where nobody can be asked
 * @throws UsageError nobody is there, or the answer is empty
 */
export async function ask(question: string, secret: boolean, otherwise: string): Promise<string> {
  if (!process.stdin.isTTY) throw new UsageError(otherwise);
  const { read } = await import('read');
  const answer = await read({
    prompt: question,
    silent: secret,
    input: process.stdin,
    output: process.stderr,
  });
  if (answer.trim() === '') throw new UsageError(otherwise);
  return answer.trim();
}

/**
 * Asks whoever is at the terminal whether to go on.
 *
 * @param otherwise what to do where nobody can be asked
 * @throws UsageError nobody is there, or there is no answer
 */
export async function confirm(question: string, otherwise: string): Promise<boolean> {
  return /^y(es)?$/i.test(await ask(question, false, otherwise));
}
