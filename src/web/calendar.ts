import { Router } from 'express';
import type { OpenCalendar } from '../auth/calendar-token.js';
import { writeCalendar } from '../domain/gates/calendar.js';
import type { Clock } from '../platform/clock.js';
import { etagOf } from './pages.js';

/** What the calendar takes. */
export interface CalendarRouteParts {
  readonly openCalendar: OpenCalendar;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * Serves calendars of freezes at `GET /freezes.ics?token=`. It is not part of the contract: calendar programs read it,
 * which send nothing but the URL. `createFreezeCalendar` makes the token.
 */
export function serveCalendar({ openCalendar, clock }: CalendarRouteParts): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.get('/freezes.ics', async (req, res) => {
    const token = new URL(req.url, 'http://localhost').searchParams.get('token') ?? '';
    const { calendar, controls } = await openCalendar(token, req.ip);
    const text = writeCalendar(calendar, controls, clock.now());
    const headers = { 'Cache-Control': 'private, no-cache', 'Referrer-Policy': 'no-referrer' };
    res.set(headers).set('ETag', etagOf(text));
    res.type('text/calendar; charset=utf-8').send(text);
  });
  return router;
}
