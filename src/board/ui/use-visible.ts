import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** The lines that are in sight, by `data-line`. */
export function useVisible(
  root: RefObject<HTMLElement | null>,
  drawn: unknown,
): ReadonlySet<string> {
  const [visible, setVisible] = useState<ReadonlySet<string>>(new Set());
  const seen = useRef(new Set<string>());
  useEffect(() => {
    const observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const line = target instanceof HTMLElement ? (target.dataset['line'] ?? '') : '';
        if (isIntersecting) seen.current.add(line);
        else seen.current.delete(line);
      }
      setVisible(new Set(seen.current));
    });
    for (const line of root.current?.querySelectorAll('[data-line]') ?? []) observer.observe(line);
    return () => {
      observer.disconnect();
      seen.current.clear();
    };
  }, [drawn]);
  return visible;
}
