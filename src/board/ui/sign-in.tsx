import { useState } from 'preact/hooks';
import { chooseOrganisation, signInLink } from '../session.js';
import type { Session, TypedToken } from '../session.js';
import { messageOf } from './failure.js';

interface SignInProps {
  readonly base: string;
  readonly session: Session;
  readonly fault: string | undefined;
  readonly onToken: (token: TypedToken) => void;
}

/** Signs in: on GitHub where the service can, else by a token that this tab keeps. */
export function SignIn({ base, session, fault, onToken }: SignInProps) {
  if (session.authentication === 'github' && session.login === undefined) {
    return (
      <main class="message">
        <h1>Deployments</h1>
        <p>Sign in to see what runs where.</p>
        <a class="button primary" href={signInLink(base, location.pathname + location.search)}>
          Sign in with GitHub
        </a>
      </main>
    );
  }
  if (session.authentication === 'github') return <ChooseOrganisation {...{ base, session }} />;
  return <TokenForm fault={fault} onToken={onToken} />;
}

function TokenForm({ fault, onToken }: Pick<SignInProps, 'fault' | 'onToken'>) {
  const [organisation, setOrganisation] = useState('');
  const [token, setToken] = useState('');
  return (
    <main class="message">
      <h1>Deployments</h1>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          onToken({ organisation: organisation.trim(), token: token.trim() });
        }}
      >
        <p>
          Sign in with a GitHub token of a member of the organisation. It stays in this tab, and is
          gone with it.
        </p>
        <label>
          Organisation
          <input
            required
            autocomplete="organization"
            pattern="\s*[A-Za-z0-9\-]+(~[0-9]+)?\s*"
            title="The organisation's login on GitHub"
            value={organisation}
            onInput={({ currentTarget }) => {
              setOrganisation(currentTarget.value);
            }}
          />
        </label>
        <label>
          GitHub token
          <input
            required
            type="password"
            autocomplete="off"
            value={token}
            onInput={({ currentTarget }) => {
              setToken(currentTarget.value);
            }}
          />
        </label>
        {fault !== undefined && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <button class="button primary" type="submit">
          Sign in
        </button>
      </form>
    </main>
  );
}

/** For a person who is signed in and a member of several organisations. */
function ChooseOrganisation({ base, session }: Pick<SignInProps, 'base' | 'session'>) {
  const [organisation, setOrganisation] = useState('');
  const [fault, setFault] = useState<string>();
  const choose = (chosen: string) => {
    chooseOrganisation(base, session, chosen, fetch).then(
      () => {
        location.reload();
      },
      (error: unknown) => {
        setFault(messageOf(error));
      },
    );
  };
  return (
    <main class="message">
      <h1>Deployments</h1>
      <p>You are signed in as {session.login}. Whose deployments do you want to see?</p>
      {session.organisations.map((name) => (
        <button
          key={name}
          class="button"
          type="button"
          onClick={() => {
            choose(name);
          }}
        >
          {name}
        </button>
      ))}
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          choose(organisation.trim());
        }}
      >
        <label>
          {session.organisations.length > 0 ? 'Another organisation' : 'Organisation'}
          <input
            required
            autocomplete="organization"
            value={organisation}
            onInput={({ currentTarget }) => {
              setOrganisation(currentTarget.value);
            }}
          />
        </label>
        {fault !== undefined && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <button class="button primary" type="submit">
          Show
        </button>
      </form>
    </main>
  );
}
