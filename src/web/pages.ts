import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Router } from 'express';

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

/** A file of a page. */
export interface PageFile {
  /** Where it is served. */
  readonly path: string;
  /** The extension that says its media type. */
  readonly type: string;
  /** Where it is; asked once it is asked for. */
  readonly locate: () => string;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether it is a page that has to say that everybody may do everything. */
  readonly isDemo: boolean;
}

/** Serves a file, which is read when it is first asked for. */
export function servePageFile(router: Router, file: PageFile): void {
  const { path, type, locate, headers, isDemo } = file;
  let read: Promise<{ body: Buffer; etag: string }> | undefined;
  router.get(path, async (_req, res) => {
    read ??= readFile(locate()).then((content) => {
      const body = isDemo ? withDemoNotice(content) : content;
      return { body, etag: etagOf(body) };
    });
    const { body, etag } = await read;
    res.set(headers).set('ETag', etag).type(type).send(body);
  });
}

/** The same for the same content, so that it does not matter which of several servers answers. */
export function etagOf(body: string | Buffer): string {
  return `"${createHash('sha256').update(body).digest('base64url')}"`;
}

/** A page that says first what a demo is. */
function withDemoNotice(page: Buffer): Buffer {
  const notice =
    '<h1 role="alert">This is a demo without authentication: everybody may read and change everything</h1>';
  return Buffer.from(page.toString().replace('<body>', `<body>${notice}`));
}
