import { claimNext as decide } from '../domain/queue/claim-next.js';
import { leaveWork } from '../domain/queue/hold.js';
import { claimInTurn } from './claiming.js';
import type { Operation } from './operation.js';
import { inLowerCase } from './selector.js';

/** Starts whichever `auto` deployment is next, and waits for one. */
export const claimNext: Operation<'claimNext'> = async ({ headers, body }, context) => {
  const { selector: named, ...times } = body;
  const selector = inLowerCase(named);
  const { environment } = selector;
  const result = await claimInTurn(
    {
      operationId: 'claimNext',
      key: headers['Idempotency-Key'],
      body: { ...times, ...selector },
      decide: (attempt, at) => decide({ selector, ...attempt }, at),
      place: (_waits, call) => ({ environment, id: call }),
      leave: (call, at) => leaveWork({ environment, call }, at),
    },
    context,
  );
  return result.granted ?? { status: 204, headers: {} };
};
