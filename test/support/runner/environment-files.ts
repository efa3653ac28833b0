/**
 * Reads what a step has left in its `GITHUB_OUTPUT` file, as the runner does: `name=value` lines, and
 * `name<<delimiter` with the lines up to the delimiter. See
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands, "Multiline strings".
 *
 * @throws when the runner would refuse the file
 */
export function readOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  while (lines.length > 0) {
    const line = lines.shift() ?? '';
    const [, equals = Infinity, heredoc = Infinity] = [
      0,
      ...['=', '<<'].map((sign) => (line.includes(sign) ? line.indexOf(sign) : Infinity)),
    ];
    if (heredoc < equals) {
      const delimiter = line.slice(heredoc + 2);
      const end = lines.indexOf(delimiter);
      if (end < 0) throw new Error(`Matching delimiter not found '${delimiter}'`);
      outputs[line.slice(0, heredoc)] = lines.splice(0, end).join('\n');
      lines.shift();
    } else if (equals < heredoc) {
      outputs[line.slice(0, equals)] = line.slice(equals + 1);
    } else if (line !== '') {
      throw new Error(`Invalid format '${line}'`);
    }
  }
  return outputs;
}
