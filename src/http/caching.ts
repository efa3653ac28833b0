import type { ServerResponse } from 'node:http';

/**
 * `Cache-Control` of what only the caller may see: no shared cache keeps it, and the caller's own asks each
 * time whether it is still so, which costs a 304 (RFC 9111, section 5.2.2).
 */
export const revalidated = 'private, no-cache';

/** Who asks, and for which organisation: a response to one is none to another. */
const asked = 'Authorization, X-Organisation';

/** `Vary` of a response with a tenant's data, beside what it says already, such as `Origin`. */
export function varyOf(res: ServerResponse): string {
  const present = res.getHeader('Vary');
  if (present === undefined) return asked;
  const named = String(present);
  return named.startsWith(asked) ? named : `${asked}, ${named}`;
}

/** Says that a response is of one tenant. */
export function setTenantCaching(res: ServerResponse): void {
  res.setHeader('Vary', varyOf(res));
  res.setHeader('Cache-Control', revalidated);
}
