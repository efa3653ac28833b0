import type { Operation } from './operation.js';

/** Lists the calendars of freezes, the oldest first. */
export const listFreezeCalendars: Operation<'listFreezeCalendars'> = async (
  _request,
  { store },
) => {
  const { calendars } = await store.read({ read: 'controls' });
  return { status: 200, headers: {}, body: calendars.map(({ calendar }) => calendar) };
};
