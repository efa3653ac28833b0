import type { DeploymentQueueClient, Freeze, ListQuery, Lock } from '../client/client.js';
import { approvalRows, unapproved } from './approvals.js';
import type { Unapproved } from './approvals.js';
import { take } from './count.js';
import type { Some } from './count.js';
import { closedRows } from './gate-rows.js';
import { collect, gatesPage } from './pages.js';
import { mayHave } from './scope.js';
import type { Row } from './table.js';
import type { View } from './view.js';

/** What keeps deployments from starting. */
interface ClosedGates {
  readonly locks: readonly Lock[];
  /** Those that are closed now. */
  readonly freezes: readonly Freeze[];
  readonly unapproved: Some<Unapproved>;
}

/** The parts of a place by which deployments are listed. */
type Places = Pick<
  ListQuery,
  'name' | 'environment' | 'provider' | 'cloud_account_id' | 'region' | 'cell'
>;

/**
 * The gates that are closed in some places.
 *
 * @param limit how many of the deployments that lack approvals
 */
export async function gatesIn(
  client: DeploymentQueueClient,
  places: Places,
  limit: number,
): Promise<ClosedGates> {
  const [locks, freezes, some] = await Promise.all([
    collect(client.listAllLocks(gatesPage)),
    collect(client.listAllFreezes(gatesPage)),
    take(unapproved(client, places), { limit }),
  ]);
  return {
    locks: locks.filter(({ scope }) => mayHave(scope, places)),
    freezes: freezes.filter(({ scope, closed }) => closed && mayHave(scope, places)),
    unapproved: some,
  };
}

/** What is closed, as parts of a page; none where nothing is. */
export function gateParts(
  { locks, freezes, unapproved: some }: ClosedGates,
  view: View,
): { readonly title: string; readonly rows: readonly Row[] }[] {
  const closed = closedRows({ locks, freezes }, view);
  const waiting = approvalRows(some.found, view);
  return [
    { title: `Closed: ${closed.length}`, rows: closed },
    {
      title: `To be approved: ${waiting.length}${some.more ? ', and older ones' : ''}`,
      rows: waiting,
    },
  ].filter(({ rows }) => rows.length > 0);
}
