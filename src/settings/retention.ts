import type { z } from 'zod';
import type { Quota } from '../domain/usage/usage.js';
import { wholeNumber } from './fields.js';

/** How much is kept, and for how long. */
export interface RetentionSettings {
  /** What each organisation may have stored; 0 for no limit. */
  readonly quota: Quota;
  /** After how many days what is over is removed; `undefined` for never. */
  readonly days: number | undefined;
}

/** The variables, by name. */
export const retentionFields = {
  QUOTA_DEPLOYMENTS: wholeNumber(2_000_000, 0, 1e12, 'a number of deployments'),
  QUOTA_BYTES: wholeNumber(4 * 1024 ** 3, 0, 1e15, 'a number of bytes'),
  RETENTION_DAYS: wholeNumber(0, 0, 36_500, 'a number of days'),
};

type Fields = { [Name in keyof typeof retentionFields]: z.output<(typeof retentionFields)[Name]> };

/** Puts the variables' values together. */
export function toRetentionSettings(values: Fields): RetentionSettings {
  const { QUOTA_DEPLOYMENTS: deployments, QUOTA_BYTES: bytes, RETENTION_DAYS: days } = values;
  return { quota: { deployments, bytes }, days: days === 0 ? undefined : days };
}
