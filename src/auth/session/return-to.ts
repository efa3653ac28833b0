import { contractViolation } from '../../domain/errors.js';

const maxLength = 1024;

/** A path as a browser has it, with a query and a fragment: printable ASCII. `//` and `/\` would name a host. */
const path = /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/;

/**
 * Where a browser goes once it is signed in.
 *
 * @param text what the page has asked for, such as `/?environment=production`; with the prefix, where there is one
 * @param publicUrl where browsers find this service
 * @throws ApplicationError `contract-violation` for what is no page of this service
 */
export function readReturnTo(text: unknown, publicUrl: string): string {
  const base = new URL(`${publicUrl}/`);
  if (text === undefined) return base.pathname;
  if (typeof text === 'string' && text.length <= maxLength && path.test(text)) {
    const url = new URL(text, base);
    const { origin, pathname, search, hash } = url;
    const isOwn = origin === base.origin && `${pathname}/`.startsWith(base.pathname);
    // It would send the browser to GitHub once more, without end.
    const isSession = pathname.startsWith(`${base.pathname}session/`);
    if (isOwn && !isSession) return pathname + search + hash;
  }
  const message = `must be a path of this service, such as ${base.pathname}, of at most ${maxLength} characters`;
  throw contractViolation([{ parameter: 'return_to', message }]);
}
