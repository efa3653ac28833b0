import { HttpError } from '../http/problem.js';

/** Which of the contract's responses a request asks for. */
export interface Preference {
  /** A status, such as `409`; without it, success. */
  readonly code: string | undefined;
  /** The name of an example; without it, the first. */
  readonly example: string | undefined;
}

/**
 * Reads `Prefer: code=409, example=transition`, in the form of RFC 7240. It ignores what it does not know,
 * as the RFC asks (section 2).
 *
 * @param header as sent; `undefined` when it was not
 * @throws HttpError when a code is not a status
 */
export function readPreference(header: string | undefined): Preference {
  const preferences = new Map(
    (header ?? '').split(/[,;]/).map((preference) => {
      const [name = '', value = ''] = preference.split('=', 2).map((part) => part.trim());
      return [name.toLowerCase(), value.replace(/^"(.*)"$/, '$1')];
    }),
  );
  const code = preferences.get('code');
  if (code !== undefined && !/^[1-5]\d\d$/.test(code)) {
    throw new HttpError('malformed-request', 'Prefer: code must be a status, such as code=409');
  }
  return { code, example: preferences.get('example') };
}
