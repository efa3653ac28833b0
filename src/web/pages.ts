import { createHash } from 'node:crypto';

/**
 * Everything comes from this server, and no script or style stands in the page itself.
 *
 * @param images where images may come from beside this server
 */
export function pageHeaders(images = ''): Readonly<Record<string, string>> {
  return {
    'Content-Security-Policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      `img-src 'self'${images}`,
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    // Revalidated each time, which costs a 304: a new version must not meet the scripts of an old one.
    'Cache-Control': 'no-cache',
  };
}

/** The same for the same content, so that it does not matter which of several servers answers. */
export function etagOf(body: Buffer): string {
  return `"${createHash('sha256').update(body).digest('base64url')}"`;
}

/** A page that says first what a demo is. */
export function withDemoNotice(page: Buffer): Buffer {
  const notice =
    '<h1 role="alert">This is a demo without authentication: everybody may read and change everything</h1>';
  return Buffer.from(page.toString().replace('<body>', `<body>${notice}`));
}
