import type { CurrentState, DeploymentBrief, Difference } from '../client/client.js';
import { age } from './age.js';
import type { Row } from './table.js';
import type { View } from './view.js';

/** So many stand for as many or more. */
const maxCounted = 100;

/** What runs where, a row a component in a place. */
export function currentRows(rows: readonly CurrentState[], view: View): Row[] {
  return rows.map(
    ({ current, previous_good: before, in_progress: underWay, waiting, ...place }) => ({
      NAME: place.name,
      ENVIRONMENT: place.environment,
      REGION: place.region,
      CELL: place.cell,
      VERSION: current?.version ?? null,
      STATUS: current?.status ?? null,
      [view.columns === undefined ? 'SINCE' : 'AGE']: current && sinceOf(current, view),
      'IN PROGRESS': underWay.map(({ version }) => version).join(', ') || null,
      WAITING: waiting.count === 0 ? null : countOf(waiting.count),
      NEXT: waiting.next?.version ?? null,
      BY: current && (current.created_by_actor ?? current.created_by_repo),
      BEFORE: before?.version ?? null,
      PROVIDER: place.provider,
      ACCOUNT: place.cloud_account_id,
    }),
  );
}

function countOf(count: number): string {
  return count < maxCounted ? String(count) : `${maxCounted}+`;
}

/** How environments compare, a row a component in a region and a cell. */
export function differenceRows(rows: readonly Difference[], view: View): Row[] {
  return rows.map(({ name, region, cell, state, from, to }) => ({
    NAME: name,
    REGION: region,
    CELL: cell,
    STATE: state,
    'FROM VERSION': joined(from, inWords),
    'FROM SINCE': joined(from, (current) => sinceOf(current, view)),
    'TO VERSION': joined(to, inWords),
    'TO SINCE': joined(to, (current) => sinceOf(current, view)),
  }));
}

function joined(
  sides: Difference['from'],
  say: (current: DeploymentBrief) => string,
): string | null {
  return sides.map(({ current }) => say(current)).join(', ') || null;
}

function inWords({ version, status }: DeploymentBrief): string {
  return status === 'deployed' ? version : `${version} (${status})`;
}

/** Since when it is what it is: whole, or at a terminal how long ago that was. */
function sinceOf(brief: DeploymentBrief, { columns, now }: View): string {
  const instant = brief.finished_at ?? brief.started_at ?? brief.created_at;
  return columns === undefined ? instant : age(instant, now);
}
