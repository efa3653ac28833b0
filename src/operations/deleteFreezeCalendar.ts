import { deleteCalendar } from '../domain/gates/calendar.js';
import type { Operation } from './operation.js';

/** Deletes a calendar of freezes. */
export const deleteFreezeCalendar: Operation<'deleteFreezeCalendar'> = async (
  { path },
  { caller, store, clock, metrics },
) => {
  const command = { id: path.id.toLowerCase(), caller };
  await store.change('deleteFreezeCalendar', () => deleteCalendar(command, clock.now()));
  metrics.gateChanged(caller.organisation, 'calendar.deleted');
  return { status: 204, headers: {} };
};
