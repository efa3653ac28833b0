import { useLayoutEffect, useMemo, useState } from 'preact/hooks';
import { credentialsOf, keepToken, keptToken, readSession } from '../session.js';
import type { Session, TypedToken } from '../session.js';
import { BoardPage } from './board-page.js';
import { messageOf } from './failure.js';
import { SignIn } from './sign-in.js';
import { useTheme } from './use-theme.js';
import { useView } from './use-view.js';

/** The page: finds out who looks at it, and shows the board or how to sign in. */
export function App({ base }: { readonly base: string }) {
  const [view, changeView] = useView();
  const [theme, toggleTheme] = useTheme(view.theme);
  const [session, setSession] = useState<Session>();
  const [typed, setTyped] = useState<TypedToken | undefined>(() => keptToken(sessionStorage));
  const [fault, setFault] = useState<string>();

  // Before the first paint, which nothing waits for.
  useLayoutEffect(() => {
    readSession(base, fetch).then(setSession, (error: unknown) => {
      setFault(messageOf(error));
    });
  }, [base]);

  const { organisation } = view;
  const credentials = useMemo(
    () => session && attempt(() => credentialsOf(session, organisation, typed)),
    [session, organisation, typed],
  );
  const type = (token: TypedToken | undefined) => {
    keepToken(sessionStorage, token);
    setTyped(token);
  };

  if (fault !== undefined) {
    return (
      <main class="message">
        <h1>The board cannot be shown</h1>
        <p class="fault" role="alert">
          {fault}
        </p>
      </main>
    );
  }
  if (session === undefined) return <main class="message" aria-busy="true" />;
  if (credentials?.ok === undefined) {
    return <SignIn base={base} session={session} fault={credentials?.fault} onToken={type} />;
  }
  return (
    <BoardPage
      {...{ base, session, view, changeView, theme, toggleTheme }}
      credentials={credentials.ok}
      organisation={organisationOf(session, organisation, typed)}
      onToken={type}
    />
  );
}

/** What it returns, or what was wrong. */
function attempt<Value>(make: () => Value): { readonly ok?: Value; readonly fault?: string } {
  try {
    return { ok: make() };
  } catch (error) {
    return { fault: messageOf(error) };
  }
}

/** Whose board it is. */
function organisationOf(session: Session, ofUrl: string, typed: TypedToken | undefined): string {
  const named = session.authentication === 'none' ? ofUrl : typed?.organisation;
  return named === undefined || named === '' ? (session.organisation ?? '') : named;
}
