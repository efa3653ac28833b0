import { useEffect, useState } from 'preact/hooks';

export type Theme = 'dark' | 'light';

const key = 'deployment-queue-theme';

/** The theme that is chosen in the URL or was chosen before; the system's own without. */
export function useTheme(ofUrl: Theme | undefined): readonly [Theme, () => void] {
  const [chosen, choose] = useState<Theme | undefined>(() => ofUrl ?? remembered());
  const [isDark, setDark] = useState(() => systemIsDark().matches);
  useEffect(() => {
    const system = systemIsDark();
    const read = () => {
      setDark(system.matches);
    };
    system.addEventListener('change', read);
    return () => {
      system.removeEventListener('change', read);
    };
  }, []);
  const theme = chosen ?? (isDark ? 'dark' : 'light');
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  const toggle = () => {
    const next = theme === 'dark' ? 'light' : 'dark';
    localStorage.setItem(key, next);
    choose(next);
  };
  return [theme, toggle];
}

function systemIsDark(): MediaQueryList {
  return matchMedia('(prefers-color-scheme: dark)');
}

function remembered(): Theme | undefined {
  const value = localStorage.getItem(key);
  return value === 'dark' || value === 'light' ? value : undefined;
}
