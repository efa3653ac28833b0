import type { RequestHandler } from 'express';

declare module 'express-serve-static-core' {
  interface Locals {
    /** The path under which a trusted proxy serves this service, such as `/tools/queue`; absent for none. */
    prefix?: string;
  }
}

/** One or more segments of a path, of letters that mean nothing in a header, in HTML or to a URL. */
const path = /^(?:\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*){1,16}$/;
const maxLength = 256;

/**
 * Takes over the prefix that a proxy has taken off the path, from `X-Forwarded-Prefix`, as Traefik and
 * Spring's gateway send it. Only where a setting says that there is such a proxy: else anybody could have
 * the links of a response lead elsewhere, and a cache hand that response to others.
 */
export const readForwardedPrefix: RequestHandler = (req, res, next) => {
  const sent = req.headers['x-forwarded-prefix'];
  // Several proxies add theirs one after the other, the outermost first.
  const prefix = String(sent ?? '')
    .split(',')
    .map((part) => part.trim().replace(/\/$/, ''))
    .join('');
  if (prefix.length <= maxLength && path.test(prefix)) res.locals.prefix = prefix;
  res.vary('X-Forwarded-Prefix');
  next();
};

/** A header's value, with the prefix before the path to which it leads. */
export function withPrefix(name: string, value: string, prefix: string): string {
  if (name === 'Location') return prefix + value;
  return name === 'Link' ? value.replace(/^<(?=\/)/, `<${prefix}`) : value;
}
