import type { CurrentState } from '../../client/contract.js';
import type { Place } from './place.js';

/** What of the board is shown. */
export const shows = ['all', 'running', 'waiting', 'failed'] as const;
export type Show = (typeof shows)[number];

/** Everything that a link to the board says. */
export interface View {
  readonly organisation: string;
  readonly search: string;
  readonly environments: readonly string[];
  readonly provider: string;
  readonly region: string;
  readonly show: Show;
  /** The deployment whose drawer is open. */
  readonly deployment: string | undefined;
  /** For a screen on a wall: large, and nothing to press. */
  readonly wall: boolean;
  /** What is chosen against the system's own; nothing for that. */
  readonly theme: 'dark' | 'light' | undefined;
}

export const everything: View = {
  organisation: '',
  search: '',
  environments: [],
  provider: '',
  region: '',
  show: 'all',
  deployment: undefined,
  wall: false,
  theme: undefined,
};

/** Reads the query of the page's URL. What it does not know counts for nothing. */
export function parseView(query: string): View {
  const parameters = new URLSearchParams(query);
  const text = (name: string) => (parameters.get(name) ?? '').trim();
  const show = text('show');
  const theme = text('theme');
  return {
    organisation: text('organisation'),
    search: text('q'),
    environments: [...new Set(parameters.getAll('environment').map((name) => name.trim()))]
      .filter((name) => name !== '')
      .map((name) => name.toLowerCase()),
    provider: text('provider'),
    region: text('region'),
    show: shows.find((each) => each === show) ?? 'all',
    deployment: text('deployment') || undefined,
    wall: parameters.has('wall') && text('wall') !== 'false',
    theme: theme === 'dark' || theme === 'light' ? theme : undefined,
  };
}

/** The query that says the same, without what goes without saying. */
export function formatView(view: View): string {
  const parameters = new URLSearchParams();
  const put = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== '') parameters.append(name, value);
  };
  put('organisation', view.organisation);
  put('q', view.search);
  for (const name of view.environments) put('environment', name);
  put('provider', view.provider);
  put('region', view.region);
  if (view.show !== 'all') put('show', view.show);
  put('theme', view.theme);
  put('deployment', view.deployment);
  const rest = parameters.toString();
  // It has no value, as people type it.
  const query = [...(view.wall ? ['wall'] : []), ...(rest === '' ? [] : [rest])].join('&');
  return query === '' ? '' : `?${query}`;
}

/** Whether anything is left out. */
export function isNarrowed(view: View): boolean {
  const { search, environments, provider, region, show } = view;
  return search + provider + region !== '' || environments.length > 0 || show !== 'all';
}

/** Whether a place is among those that are chosen. */
export function isChosen(
  { environment, provider, region }: Place,
  { environments, provider: itsProvider, region: itsRegion }: View,
): boolean {
  return (
    (environments.length === 0 || environments.includes(environment)) &&
    (itsProvider === '' || itsProvider === provider) &&
    (itsRegion === '' || itsRegion === region)
  );
}

/** Whether a row is to be seen. Each word that is searched for must stand somewhere in it. */
export function isShown(row: CurrentState, view: View): boolean {
  if (!isChosen(row, view) || !isOfShow(row, view.show)) return false;
  const words = view.search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = textOf(row);
  return words.every((word) => text.includes(word));
}

function isOfShow({ current, in_progress, waiting }: CurrentState, show: Show): boolean {
  switch (show) {
    case 'all':
      return true;
    case 'running':
      return in_progress.length > 0;
    case 'waiting':
      return waiting.count > 0;
    case 'failed':
      return current?.status === 'failed';
  }
}

function textOf(row: CurrentState): string {
  const briefs = [row.current, row.previous_good, row.waiting.next, ...row.in_progress];
  return [
    ...[row.name, row.environment, row.provider, row.cloud_account_id, row.region, row.cell],
    ...briefs.flatMap((brief) =>
      brief === null
        ? []
        : [
            brief.version,
            brief.id,
            brief.commit_sha,
            brief.created_by_actor,
            brief.created_by_repo,
          ],
    ),
  ]
    .join('\n')
    .toLowerCase();
}
