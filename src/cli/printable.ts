/** Control characters, surrogates that stand alone, and what ends a line or hides text. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Text that is safe on a terminal. Names and notes come from other people's pipelines: control characters
 * could move the cursor or hide text.
 *
 * @returns the text in one line, with such characters as `\n` or `\u001b`
 */
export function printable(text: string): string {
  return text.replaceAll(unprintable, escaped);
}

/** JSON that is as safe; it parses to the same. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(unprintable, (character) =>
    character === '\n' ? character : escaped(character),
  );
}

/** A character as JSON writes it: one beyond the first 65,536 is two. */
export function escaped(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  if (character === '\t') return '\\t';
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
}
