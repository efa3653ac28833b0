import type { RefObject } from 'preact';
import type { CurrentState } from '../../client/client.js';
import type { Session } from '../session.js';
import type { Liveness } from '../state/board.js';
import { isShown, shows } from '../state/filters.js';
import type { View } from '../state/filters.js';
import { LivenessBadge } from './liveness.js';
import { Choice } from './choice.js';
import type { Theme } from './use-theme.js';
import type { ChangeView } from './use-view.js';

interface HeaderProps {
  readonly base: string;
  readonly session: Session;
  readonly organisation: string;
  readonly view: View;
  readonly changeView: ChangeView;
  readonly theme: Theme;
  readonly toggleTheme: () => void;
  readonly searchField: RefObject<HTMLInputElement | null>;
  readonly all: readonly CurrentState[];
  readonly environments: readonly string[];
  readonly liveness: Liveness;
  readonly onHelp: () => void;
  readonly onSignOut: () => void;
  /** Chooses another organisation, of those of a session. */
  readonly onOrganisation: (organisation: string) => void;
}

/** Whose board it is, what of it is shown, and whether it is live. */
export function Header(props: HeaderProps) {
  const { base, session, organisation, view, changeView, theme, toggleTheme, liveness } = props;
  const hasChoice = session.organisations.length > 1 && !view.wall;
  return (
    <header class="bar">
      <div class="brand">
        <img src={iconOfPage()} alt="" width="24" height="24" />
        <h1>Deployments</h1>
        {session.authentication === 'none' && !view.wall ? (
          <OrganisationField
            organisation={view.organisation}
            usual={session.organisation}
            changeView={changeView}
          />
        ) : (
          organisation !== '' && !hasChoice && <span class="organisation">{organisation}</span>
        )}
        {hasChoice && (
          <Choice
            label="Organisation"
            options={session.organisations}
            value={organisation}
            onChoose={props.onOrganisation}
          />
        )}
        <LivenessBadge liveness={liveness} />
      </div>
      {!view.wall && (
        <nav class="tools" aria-label="Page">
          {session.login !== undefined && <span class="login">{session.login}</span>}
          <button class="button quiet" type="button" onClick={toggleTheme}>
            {theme === 'dark' ? 'Light' : 'Dark'}
          </button>
          <button class="button quiet" type="button" onClick={props.onHelp}>
            Keys
          </button>
          <a class="button quiet" href={new URL('docs', base).href}>
            API
          </a>
          {session.authentication !== 'none' && (
            <button class="button quiet" type="button" onClick={props.onSignOut}>
              Sign out
            </button>
          )}
        </nav>
      )}
      {!view.wall && <Filters {...props} />}
    </header>
  );
}

function OrganisationField({
  organisation,
  usual = 'organisation',
  changeView,
}: {
  readonly organisation: string;
  /** Which one is meant where none is named. */
  readonly usual: string | undefined;
  readonly changeView: ChangeView;
}) {
  return (
    <label class="organisation-field">
      <span class="hidden">Organisation</span>
      <input
        placeholder={usual}
        value={organisation}
        spellcheck={false}
        autocomplete="organization"
        size={Math.max(12, organisation.length)}
        onChange={({ currentTarget }) => {
          changeView({ organisation: currentTarget.value.trim(), deployment: undefined });
        }}
      />
    </label>
  );
}

function Filters({ view, changeView, searchField, all, environments }: HeaderProps) {
  const of = (part: 'provider' | 'region') =>
    [...new Set(all.flatMap((row) => row[part] ?? []))].sort();
  const counts = shows.map(
    (show) => [show, all.filter((row) => isShown(row, { ...view, show })).length] as const,
  );
  const toggle = (name: string) => {
    const chosen = view.environments.includes(name)
      ? view.environments.filter((each) => each !== name)
      : [...view.environments, name];
    changeView({ environments: chosen });
  };
  return (
    <div class="filters" role="search">
      <label class="search">
        <span class="hidden">Search</span>
        <input
          ref={searchField}
          type="search"
          placeholder="Search component, version, person…"
          value={view.search}
          aria-keyshortcuts="/"
          onInput={({ currentTarget }) => {
            changeView({ search: currentTarget.value });
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            // The browser's own Escape would empty the field.
            event.preventDefault();
            event.currentTarget.blur();
          }}
        />
        <kbd aria-hidden="true">/</kbd>
      </label>
      <div class="chips" role="group" aria-label="Show">
        {counts.map(([show, count]) => (
          <button
            key={show}
            type="button"
            class={`chip show-${show}`}
            aria-pressed={view.show === show}
            onClick={() => {
              changeView({ show });
            }}
          >
            {show} <span class="count">{count}</span>
          </button>
        ))}
      </div>
      {environments.length > 1 && (
        <div class="chips" role="group" aria-label="Environments">
          {environments.map((name) => (
            <button
              key={name}
              type="button"
              class="chip"
              aria-pressed={view.environments.includes(name)}
              onClick={() => {
                toggle(name);
              }}
            >
              {name}
            </button>
          ))}
        </div>
      )}
      <Choice
        label="Provider"
        all="All providers"
        options={of('provider')}
        value={view.provider}
        onChoose={(provider) => {
          changeView({ provider });
        }}
      />
      <Choice
        label="Region"
        all="All regions"
        options={of('region')}
        value={view.region}
        onChoose={(region) => {
          changeView({ region });
        }}
      />
    </div>
  );
}

/** The page's own, which has a name that changes with what is in it. */
function iconOfPage(): string | undefined {
  return document.querySelector<HTMLLinkElement>('link[rel="icon"]')?.href;
}
