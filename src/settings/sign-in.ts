import { z } from 'zod';
import type { SignInOptions } from '../auth/session/options.js';
import { trustedUrl } from './authentication.js';
import { wholeNumber } from './fields.js';

const keyBytes = 32;

/** The variables, by name. */
export const signInFields = {
  GITHUB_OAUTH_CLIENT_ID: z
    .string()
    .regex(/^[\w.-]{1,100}$/, 'must be the client id of a GitHub app, such as Ov23li…')
    .optional(),
  GITHUB_OAUTH_CLIENT_SECRET: z.string().optional(),
  PUBLIC_URL: trustedUrl,
  SESSION_KEYS: z.string().transform(readKeys).optional(),
  SESSION_LIFETIME: wholeNumber(8 * 60 * 60, 60, 7 * 24 * 60 * 60, 'a number of seconds'),
};

type Fields = { [Name in keyof typeof signInFields]: z.output<(typeof signInFields)[Name]> };

/** Those that belong together. */
const together = [
  'GITHUB_OAUTH_CLIENT_ID',
  'GITHUB_OAUTH_CLIENT_SECRET',
  'PUBLIC_URL',
  'SESSION_KEYS',
] as const;

/** Faults of settings that are fine on their own. */
export function signInContradictions(values: Partial<Fields>): string[] {
  // One that is not fine on its own is not there, and has been told of.
  const isWanted = together.some((name) => name !== 'PUBLIC_URL' && values[name] !== undefined);
  if (!isWanted) return [];
  return together
    .filter((name) => name in values && values[name] === undefined)
    .map(
      (name) => `${name} must be set as well: people sign in by ${together.join(', ')} together`,
    );
}

/**
 * Puts the variables' values together.
 *
 * @param serverUrl of GitHub's pages
 */
export function toSignInOptions(values: Fields, serverUrl: string): SignInOptions | undefined {
  const {
    GITHUB_OAUTH_CLIENT_ID: clientId,
    GITHUB_OAUTH_CLIENT_SECRET: clientSecret,
    PUBLIC_URL: publicUrl,
    SESSION_KEYS: keys,
    SESSION_LIFETIME: lifetimeSeconds,
  } = values;
  if (clientId === undefined || clientSecret === undefined) return undefined;
  if (publicUrl === undefined || keys === undefined) return undefined;
  return { clientId, clientSecret, serverUrl, publicUrl, keys, lifetimeSeconds };
}

/** Keys in base64 or base64url, separated by commas. A fault repeats none of them. */
function readKeys(list: string, context: z.RefinementCtx): readonly Uint8Array[] {
  const keys = list.split(',').map((key) => key.trim());
  const isKey = (key: string): boolean =>
    /^[\w+/-]+={0,2}$/.test(key) && Buffer.from(key, 'base64').length === keyBytes;
  if (!keys.every(isKey)) {
    context.addIssue(
      `must be keys of ${keyBytes} bytes in base64, separated by commas: openssl rand -base64 ${keyBytes} makes one`,
    );
  }
  return keys.map((key) => new Uint8Array(Buffer.from(key, 'base64')));
}
