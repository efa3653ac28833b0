import { z } from 'zod';

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
export const wholeNumber = (fallback: number, least: number, most: number, what: string) => {
  const fault = `must be ${what}, ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d+$/, fault)
    .transform(Number)
    .refine((value) => value >= least && value <= most, fault)
    .default(fallback);
};
