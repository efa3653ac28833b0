import { HttpError } from './problem.js';

/**
 * Decodes a part of a URL. Whatever is in it beside percent-encoding is ASCII: Node refuses other octets.
 *
 * @param what it is, for the message: "The path parameter id"
 * @throws HttpError `malformed-request` unless it is UTF-8 in percent-encoding
 */
export function decodePercent(text: string, what: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    const detail = `${what} is not UTF-8 in well-formed percent-encoding`;
    throw new HttpError('malformed-request', detail);
  }
}
