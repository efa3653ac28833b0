/** Programs that documents run; what the shell does by itself, such as printf, has no arguments that others see. */
const programs =
  /^(?:\w+=\S* )*(?:sudo )?(curl|wget|http|gh|git|docker|kubectl|npm|npx|node|deployment-queue)\s/;

/** What is secret in an argument: a header with a token, or a variable that is named for one. */
const secret = /Authorization|Bearer\b|\$\{?\w*(?:TOKEN|PASSWORD|SECRET)\b|\s(?:-u|--user)\s/i;

/**
 * Finds programs that are given a token in their arguments, which other users of a machine can read while
 * they run.
 *
 * @param text with commands in it: Markdown, YAML or a comment
 * @returns each such command, from its name to where it ends
 */
export function tokensInArguments(text: string): string[] {
  const lines = text.replaceAll(/\\\n[ *]*/g, '');
  return lines
    .split(/[\n|;&(`]|\{\s|\b(?:do|then|run:)\s/)
    .map((command) => command.replace(/^[\s*$>!-]+/, ''))
    .filter((command) => programs.test(command) && secret.test(command));
}
