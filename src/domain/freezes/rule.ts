/** When a freeze holds: its first window by the clocks of a zone, and how that comes again. */
export interface FreezeRule {
  /** A zone of the IANA database, such as `Europe/Berlin`. */
  readonly time_zone: string;
  /** `2026-12-24T18:00`, by the clocks of that zone; seconds may be left out. */
  readonly starts: string;
  /** The same, after `starts`: how far, is how long each occurrence lasts by those clocks. */
  readonly ends: string;
  /** The value of an RRULE (RFC 5545, section 3.3.10), or `null` for a freeze that comes once. */
  readonly rrule: string | null;
}

/** A time in which a freeze holds: RFC 3339 in UTC with milliseconds, `until` not included. */
export interface Window {
  readonly from: string;
  readonly until: string;
}

/** Occurrences that overlap or touch, as the one time that they make. */
export interface ClosedStretch {
  readonly from: string;
  /** `null` when it does not end within ten years. */
  readonly until: string | null;
}
