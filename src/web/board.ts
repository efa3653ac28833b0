import { readdirSync } from 'node:fs';
import { extname } from 'node:path';
import { Router } from 'express';
import { packageFile } from '../platform/package-file.js';
import { pageHeaders, servePageFile } from './pages.js';

const folder = 'generated/board';
const page = 'index.html';

/** Nothing in the board makes HTML of text, and a browser sees to that. */
const policy = "; require-trusted-types-for 'script'; trusted-types 'none'";
const { 'Content-Security-Policy': ofPages = '', ...others } = pageHeaders();
const headers = { ...others, 'Content-Security-Policy': ofPages + policy };

/** What is named by its content never changes. */
const forever = 'public, max-age=31536000, immutable';

/**
 * Serves the board at `/`, and at `/board/` the script and the style sheet that its page names. They hold no
 * data: what the board shows, it asks the API for as whoever looks at it.
 *
 * @param demo whether the page has to say that everybody may do everything
 */
export function serveBoard(demo: boolean): Router {
  const router = Router({ caseSensitive: true, strict: true });
  for (const name of readdirSync(packageFile(folder))) {
    const isPage = name === page;
    servePageFile(router, {
      path: isPage ? '/' : `/board/${name}`,
      type: extname(name),
      locate: () => packageFile(`${folder}/${name}`),
      headers: isPage ? headers : { ...headers, 'Cache-Control': forever },
      isDemo: demo && isPage,
    });
  }
  return router;
}
