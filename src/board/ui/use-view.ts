import { useCallback, useEffect, useState } from 'preact/hooks';
import { formatView, parseView } from '../state/filters.js';
import type { View } from '../state/filters.js';

/** Changes what the URL says. */
export type ChangeView = (change: Partial<View>) => void;

/** What the page's URL says, and how to change it. A drawer that opens is a step that Back takes back. */
export function useView(): readonly [View, ChangeView] {
  const [view, setView] = useState(() => parseView(location.search));
  useEffect(() => {
    const read = () => {
      setView(parseView(location.search));
    };
    addEventListener('popstate', read);
    return () => {
      removeEventListener('popstate', read);
    };
  }, []);
  const change = useCallback((changed: Partial<View>) => {
    const before = parseView(location.search);
    const after = { ...before, ...changed };
    const url = location.pathname + formatView(after);
    if (after.deployment !== undefined && before.deployment === undefined)
      history.pushState(null, '', url);
    else history.replaceState(null, '', url);
    setView(after);
  }, []);
  return [view, change];
}
