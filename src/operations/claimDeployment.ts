import type { ClosedGate } from '../domain/gates/gate.js';
import { claim } from '../domain/queue/claim.js';
import { leave } from '../domain/queue/hold.js';
import type { QueuePosition } from '../domain/queue/position.js';
import { claimInTurn } from './claiming.js';
import type { Operation } from './operation.js';

/** After how many seconds to claim again: after a wait at once, and else not so often. */
const retryAfter = { waited: 1, asked: 5 };

/** Starts a deployment when it is its turn, and waits for that. */
export const claimDeployment: Operation<'claimDeployment'> = async (
  { path, headers, body },
  context,
) => {
  const id = path.id.toLowerCase();
  const result = await claimInTurn(
    {
      operationId: 'claimDeployment',
      key: headers['Idempotency-Key'],
      path: { id },
      body,
      decide: (attempt, at) => claim({ id, override: body.override, ...attempt }, at),
      place: ({ stored: { deployment } }) => deployment,
      leave: (call, at) => leave({ id, call }, at),
    },
    context,
  );
  if (result.granted !== undefined) return result.granted;
  const { stored, position } = result.waits;
  context.metrics.startBlocked(stored.deployment, gateKindsOf(position));
  const seconds = result.waited ? retryAfter.waited : retryAfter.asked;
  return {
    status: 202,
    headers: { 'Retry-After': String(seconds) },
    body: { ...position, retry_after: seconds },
  };
};

/** The kinds of the gates that are in its way. */
function gateKindsOf({ blocked_by: blockers }: QueuePosition): ClosedGate['kind'][] {
  return blockers.flatMap(({ kind }) =>
    kind === 'lock' || kind === 'freeze' || kind === 'approval' ? [kind] : [],
  );
}
