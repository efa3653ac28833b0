import { randomBytes } from 'node:crypto';
import { createCalendar } from '../domain/gates/calendar.js';
import { calendarToken } from '../domain/gates/calendar-token.js';
import type { Operation } from './operation.js';

/** Makes a calendar of freezes, and the URL that programs subscribe to. */
export const createFreezeCalendar: Operation<'createFreezeCalendar'> = async (
  { body: { scope = {} } },
  { caller, store, clock, metrics },
) => {
  const token = calendarToken(caller.organisation, randomBytes(32).toString('base64url'));
  const command = { caller, scope, token };
  const calendar = await store.change('createFreezeCalendar', () =>
    createCalendar(command, clock.newIdentity()),
  );
  metrics.gateChanged(caller.organisation, 'calendar.created');
  return {
    status: 201,
    headers: { Location: `/v1/freezes/calendars/${calendar.id}` },
    body: { calendar, url: `/freezes.ics?token=${token}` },
  };
};
