/** Whether a value is one that a glob stands for. */
export type Matches = (value: string) => boolean;

const wildcard = /[*?]/;
/** What is more than a character in the patterns of others. */
const reserved = /[[\](){}|"\\$^]/;

/** Whether a value is a pattern of several. */
export function isPattern(glob: string): boolean {
  return wildcard.test(glob);
}

/**
 * What is wrong with a glob, as the end of a sentence; `undefined` when nothing is.
 *
 * Two `*` that can both take the same text make the time of a match grow with its square, three with its
 * cube. One between two slashes, and one `**`, leave it at what it takes to read the text.
 */
export function globFault(glob: string): string | undefined {
  if (!isPattern(glob)) return undefined;
  if (reserved.test(glob)) return 'must not have any of []{}()|"\\$^ in a pattern with * or ?';
  const parts = glob.split('/');
  const [whole, rest] = [parts.filter((part) => part === '**'), parts.filter((p) => p !== '**')];
  if (whole.length > 1) return 'must have ** at most once';
  if (rest.some((part) => part.split('*').length > 2)) {
    return 'must have * at most once between two slashes, and ** only as all that is between them';
  }
  return undefined;
}

/**
 * Compiles a glob without a fault.
 *
 * @param ignoreCase whether case does not matter
 */
export function compileGlob(glob: string, ignoreCase: boolean): Matches {
  if (!isPattern(glob)) {
    if (!ignoreCase) return (value) => value === glob;
    const lower = glob.toLowerCase();
    return (value) => value.toLowerCase() === lower;
  }
  const pattern = new RegExp(`^${sourceOf(glob)}$`, ignoreCase ? 'isu' : 'su');
  return (value) => pattern.test(value);
}

/** The regular expression of a glob. Nothing in it repeats what repeats. */
function sourceOf(glob: string): string {
  return glob
    .split(/(?<=\/)/)
    .map((part) => {
      if (part === '**/') return '(?:.*/)?';
      if (part === '**') return '.*';
      // An empty text between two slashes is none that a `*` stands for.
      if (part === '*' || part === '*/') return part.replace('*', '[^/]+');
      return part.replace(/[.+]/g, '\\$&').replace('*', '[^/]*').replaceAll('?', '[^/]');
    })
    .join('');
}
