/**
 * Replaces `${{ … }}` by what it names, as the runner does. Only names are known; anything else, a
 * function or an operator, is an error, and so is a name that is not among the contexts.
 *
 * @param resolve the value of a name
 */
export function evaluate(text: string, resolve: (name: string) => string): string {
  return text.replaceAll(/\$\{\{(.*?)\}\}/gs, (_, expression: string) => {
    const name = expression.trim();
    if (!/^[a-z]+(\.[\w-]+)+$/i.test(name)) throw new Error(`Not a name: ${name}`);
    return resolve(name);
  });
}
