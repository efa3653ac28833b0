import { parseCookie, stringifySetCookie } from 'cookie';
import { isLoopbackUrl } from '../../platform/loopback-url.js';

/** The longest cookie that browsers have to keep, in bytes: its name, value and attributes (RFC 6265, section 6.1). */
const maxBytes = 4096;

/** A cookie of this service. */
export interface OwnCookie {
  /** Its value in a `Cookie` header; `undefined` when it is not there. */
  read(header: string | undefined): string | undefined;
  /**
   * `Set-Cookie` with a value.
   *
   * @throws RangeError when browsers would not keep it
   */
  set(value: string, seconds: number): string;
  /** `Set-Cookie` that removes it. */
  readonly clear: string;
}

/**
 * A cookie for this service alone: no script reads it, no page of another site has it sent but by a link, and no other
 * host sets it (`__Host-`). Under a prefix it is sent to that path only, which `__Host-` does not allow; then it is
 * `__Secure-` (RFC 6265bis, section 4.1.3).
 *
 * @param publicUrl where browsers find this service; over plain http, on this machine, the cookie is not `Secure`
 */
export function ownCookie(publicUrl: string, purpose: string): OwnCookie {
  const url = new URL(publicUrl);
  const path = url.pathname.replace(/\/+$/, '') || '/';
  const isSecure = url.protocol === 'https:' || !isLoopbackUrl(url);
  const prefix = !isSecure ? '' : path === '/' ? '__Host-' : '__Secure-';
  const name = `${prefix}deployment-queue-${purpose}`;
  const write = (value: string, maxAge: number): string =>
    stringifySetCookie({
      ...{ name, value, maxAge, path },
      httpOnly: true,
      secure: isSecure,
      sameSite: 'lax',
    });
  return {
    read: (header) => (header === undefined ? undefined : parseCookie(header)[name]),
    set(value, seconds) {
      const cookie = write(value, seconds);
      if (cookie.length > maxBytes) throw new RangeError(`The cookie ${name} is too long`);
      return cookie;
    },
    clear: write('', 0),
  };
}
