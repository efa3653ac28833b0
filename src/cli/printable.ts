/**
 * Text that is safe on a terminal and in the log of a GitHub Actions job. Names and notes come from
 * other people's pipelines: control characters could move the cursor or hide text, and a runner takes
 * a line with `##[` in it for a command.
 *
 * @returns the text with such characters as `\n` or `\u001b`
 */
export function printable(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, escaped)
    .replaceAll('##[', `${escaped('#')}#[`);
}

/** JSON in which a runner sees no command either; it parses to the same. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value, null, 2)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) =>
      character === '\n' ? character : escaped(character),
    )
    .replaceAll('##[', `${escaped('#')}#[`);
}

function escaped(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  if (character === '\t') return '\\t';
  // As JSON writes it: a character beyond the first 65,536 is two.
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
}
