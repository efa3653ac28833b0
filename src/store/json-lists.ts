const empty: readonly never[] = Object.freeze([]);

/** A list that a store keeps as JSON; nearly all are empty, and nothing there is one that is. */
export function parseList(text: unknown): readonly unknown[] {
  if (text === '[]' || typeof text !== 'string') return empty;
  // Written by a store, from a list.
  return JSON.parse(text) as readonly unknown[];
}
