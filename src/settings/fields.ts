import { z } from 'zod';
import { isLoopbackUrl } from '../platform/loopback-url.js';

/** `true` or `false`. */
export const flag = (fallback: boolean) =>
  z
    .enum(['true', 'false'], 'must be true or false')
    .default(fallback ? 'true' : 'false')
    .transform((value) => value === 'true');

/**
 * A whole number in decimal digits.
 *
 * @param what it is, with its article: "a port number"
 */
export const wholeNumber = (fallback: number, min: number, max: number, what: string) => {
  const fault = `must be ${what}, ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d+$/, fault)
    .transform(Number)
    .refine((value) => value >= min && value <= max, fault)
    .default(fallback);
};

/** Whether tokens may be sent to a URL: https, or http on this machine; without a user or password in it. */
export function isTrustedUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  if (url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackUrl(url));
}
