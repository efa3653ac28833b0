import { RegExpParser, visitRegExpAST } from '@eslint-community/regexpp';

/** RE2 and Go compile no larger count. */
const maxRepetitions = 1000;

/** Sets of ECMAScript's `v`, Java and Rust: they would subtract, intersect or nest. */
const setOperator = /--|&&|~~|(?<!\\)\[/;

/**
 * What keeps a pattern from being compiled by, or from meaning the same to, ECMAScript, Go and RE2, Rust,
 * Python and Java. JSON Schema wants ECMA-262; generated clients use what their language has.
 *
 * @returns each fault, as the end of a sentence; none for a portable pattern
 */
export function portabilityFaults(pattern: string): string[] {
  const faults: string[] = [];
  const parsed = new RegExpParser({ ecmaVersion: 2024 }).parsePattern(pattern, 0, undefined, {
    unicode: true,
  });
  const [only, ...further] = parsed.alternatives;
  const [first, last] = [only?.elements.at(0), only?.elements.at(-1)];
  const anchored =
    further.length === 0 &&
    first?.type === 'Assertion' &&
    first.kind === 'start' &&
    last?.type === 'Assertion' &&
    last.kind === 'end';
  // Python matches from the start, Java the whole, the others anywhere.
  if (!anchored) faults.push('is not one alternative from ^ to $');
  visitRegExpAST(parsed, {
    onAssertionEnter({ kind, raw }) {
      if (kind.startsWith('look')) faults.push(`looks around, ${raw}`);
    },
    onBackreferenceEnter({ raw }) {
      faults.push(`refers back, ${raw}`);
    },
    onCapturingGroupEnter({ name, raw }) {
      if (name !== null) faults.push(`has a named group, ${raw}`);
    },
    onQuantifierEnter({ min, max, raw }) {
      if (min > maxRepetitions || (max !== Infinity && max > maxRepetitions)) {
        faults.push(`repeats too often, ${raw}`);
      }
    },
    onCharacterSetEnter({ kind, raw }) {
      // \d, \s and \w hold more than ASCII in Rust and Python, and not every engine knows \p.
      if (kind !== 'any') faults.push(`has a set that differs, ${raw}`);
    },
    onCharacterClassEnter({ raw }) {
      if (setOperator.test(raw.slice(1, -1))) faults.push(`may be an operation on sets, ${raw}`);
    },
    onCharacterEnter({ raw }) {
      if (/^\\(?!x[\dA-Fa-f]{2}$|[^\dA-Za-z]$)/.test(raw)) faults.push(`escapes by ${raw}`);
    },
  });
  return faults;
}
