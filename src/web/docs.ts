import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Router } from 'express';
import { packageFile } from '../platform/package-file.js';
import { pageHeaders, servePageFile } from './pages.js';

/** Images in `data:` are the icons in Swagger UI's style sheet. */
const headers = pageHeaders(' data:');

/** What is served, with the extension that says its media type, and where it is. Nothing else is. */
const files: readonly (readonly [path: string, type: string, locate: () => string])[] = [
  ['/docs', '.html', () => packageFile('docs-page/index.html')],
  ['/docs/page.css', '.css', () => packageFile('docs-page/page.css')],
  ['/docs/start.js', '.js', () => packageFile('docs-page/start.js')],
  ['/docs/swagger-ui.css', '.css', () => swaggerUiFile('swagger-ui.css')],
  ['/docs/swagger-ui-bundle.js', '.js', () => swaggerUiFile('swagger-ui-bundle.js')],
  ['/docs/favicon-32x32.png', '.png', () => swaggerUiFile('favicon-32x32.png')],
];

/**
 * What leads to the page: where it was before, and the same with a slash, at which its relative links would
 * lead elsewhere. The targets are relative too, since a proxy may serve all of this under some prefix.
 */
const redirects: readonly (readonly [path: string, target: string])[] = [
  ['/docs/', '../docs'],
  ['/redoc', 'docs'],
  ['/redoc/', '../docs'],
];

/**
 * Serves the contract as a page to browse, at `/docs`, on which its calls can be tried out: Swagger UI
 * from this server's own files, which are read when they are first asked for.
 *
 * @param demo whether the page has to say that everybody may do everything
 */
export function serveDocs(demo: boolean): Router {
  const router = Router({ caseSensitive: true, strict: true });
  for (const [path, target] of redirects) {
    router.get(path, (_req, res) => {
      res.set('Cache-Control', 'no-cache').redirect(308, target);
    });
  }
  for (const [path, type, locate] of files) {
    servePageFile(router, { path, type, locate, headers, isDemo: demo && type === '.html' });
  }
  return router;
}

/**
 * A file of Swagger UI: the copy that `npm run build` puts into `dist/`, or the package's own where
 * the service runs from source. As a dependency at run time, the package would bring every user of
 * this one 12 MB that nobody needs, and an install script that reports home.
 */
function swaggerUiFile(name: string): string {
  const built = packageFile(`dist/docs-page/${name}`);
  return existsSync(built)
    ? built
    : createRequire(import.meta.url).resolve(`swagger-ui-dist/${name}`);
}
