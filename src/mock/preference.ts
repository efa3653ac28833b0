import { HttpError } from '../http/problem.js';

/** Which of the contract's answers a request wishes for. */
export interface Preference {
  /** A status, such as `409`; without it, success. */
  readonly code: string | undefined;
  /** The name of an example; without it, the first. */
  readonly example: string | undefined;
}

/**
 * Reads `Prefer: code=409, example=transition`, in the form of RFC 7240. What it does not know it
 * leaves alone, as the RFC asks (section 2).
 *
 * @param header as sent; `undefined` when it was not
 * @throws HttpError when a code is not a status
 */
export function readPreference(header: string | undefined): Preference {
  const wishes = new Map(
    (header ?? '').split(/[,;]/).map((wish) => {
      const [name = '', value = ''] = wish.split('=', 2).map((part) => part.trim());
      return [name.toLowerCase(), value.replace(/^"(.*)"$/, '$1')];
    }),
  );
  const code = wishes.get('code');
  if (code !== undefined && !/^[1-5]\d\d$/.test(code)) {
    throw new HttpError('malformed-request', 'Prefer: code must be a status, such as code=409');
  }
  return { code, example: wishes.get('example') };
}
