import type { EnvironmentSettings, Freeze, Lock } from '../../../src/client/client.js';
import { defaultEnvironment } from '../../../src/domain/environments/environment.js';

const minute = 60_000;

/**
 * Locks, freezes and environments as a service would list them, by the last part of their path.
 *
 * @param now milliseconds since 1970
 */
export function shownGates(now: number): Readonly<Record<string, readonly object[] | undefined>> {
  const by = (actor: string, ago: number) => ({
    created_at: new Date(now - ago).toISOString(),
    created_by_actor: actor,
    created_by_repo: null,
    created_by_workflow: null,
  });
  const locks: Lock[] = [
    {
      id: '01a21547-d86c-7c3e-8f21-6a5b2f7c9e14',
      scope: { environment: 'production' },
      reason: 'The database is failing over',
      allow: ['rollback'],
      expires_at: null,
      deployment_id: null,
      ...by('octocat', 12 * minute),
    },
    {
      id: '01a21547-d86c-7c3e-8f21-6a5bd04a8b63',
      scope: { name: 'billing-*', environment: 'production', provider: 'gcp', cell: null },
      reason: 'Moving to another cluster',
      allow: [],
      expires_at: '2031-01-07T08:00:00.000Z',
      deployment_id: null,
      ...by('mona', 3 * 60 * minute),
    },
  ];
  const freezes: Freeze[] = [
    {
      id: '01a21547-d86c-7c3e-8f21-6a5b813e5fa7',
      scope: { environment: 'production' },
      reason: 'Holidays',
      allow: ['rollback'],
      time_zone: 'Europe/Berlin',
      ...{ starts: '2026-01-01T18:00', ends: '2031-01-07T09:00', rrule: null },
      ...{ closed: true, closed_until: '2031-01-07T08:00:00.000Z', next_closed_at: null },
      ...by('hubot', 40 * 24 * 60 * minute),
    },
    {
      id: '01a21547-d86c-7c3e-8f21-6a5b66c0d2e9',
      scope: { environment: 'production' },
      reason: 'Nobody is there on weekends',
      allow: ['rollback'],
      time_zone: 'Europe/Berlin',
      ...{ starts: '2031-01-10T18:00', ends: '2031-01-13T06:00', rrule: 'FREQ=WEEKLY;BYDAY=FR' },
      ...{ closed: false, closed_until: null, next_closed_at: '2031-01-10T17:00:00.000Z' },
      ...by('hubot', 40 * 24 * 60 * minute),
    },
  ];
  const environments: EnvironmentSettings[] = [
    { ...defaultEnvironment('production').environment, required_approvals: 2 },
  ];
  return { locks, freezes, environments };
}
