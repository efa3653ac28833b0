import type { Controls } from '../domain/controls/controls.js';
import { ApplicationError } from '../domain/errors.js';
import { calendarFor } from '../domain/gates/calendar.js';
import { organisationOfToken } from '../domain/gates/calendar-token.js';
import type { FreezeCalendar } from '../domain/gates/gate.js';
import { isFailure } from './failure-limit.js';
import type { FailureLimit } from './failure-limit.js';
import { toOrganisationName } from './organisation.js';
import type { Tenants } from './tenants.js';

/** A calendar that somebody may read, and what is in it. */
export interface OpenedCalendar {
  readonly calendar: FreezeCalendar;
  readonly controls: Controls;
}

/**
 * Finds the calendar that a token is for.
 *
 * @param address the client's, which may have only so many tokens refused
 * @throws ApplicationError `unauthenticated`, `forbidden`, `rate-limited`, `unavailable`
 */
export type OpenCalendar = (token: string, address: string | undefined) => Promise<OpenedCalendar>;

/** What that takes. */
export interface CalendarParts {
  /** What an organisation has laid down. */
  readonly controlsOf: (organisation: string) => Promise<Controls>;
  /** For whom the service is; absent while everybody may do everything. */
  readonly tenants?: Pick<Tenants, 'requireServed'>;
  readonly failures: FailureLimit;
}

/** Opens calendars for who has their token, which may do nothing else. */
export function createCalendarOpener({
  controlsOf,
  tenants,
  failures,
}: CalendarParts): OpenCalendar {
  return async (token, address) => {
    const giveBack = failures(address);
    const organisation = organisationOfToken(token);
    if (organisation === undefined) throw unknown();
    try {
      await tenants?.requireServed(toOrganisationName(organisation), () => undefined);
      const controls = await controlsOf(organisation);
      const calendar = calendarFor(controls, token);
      if (calendar === undefined) throw unknown();
      giveBack();
      return { calendar, controls };
    } catch (error) {
      if (!isFailure(error)) giveBack();
      throw error;
    }
  };
}

function unknown(): ApplicationError {
  return new ApplicationError(
    'unauthenticated',
    'The token of the calendar is not good; make a new one (POST /v1/freezes/calendars)',
  );
}
