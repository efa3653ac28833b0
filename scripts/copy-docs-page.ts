/** Copies what `/docs` needs of Swagger UI into `dist/`: part of `npm run build`. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { packageFile } from '../src/platform/package-file.js';

const { resolve } = createRequire(import.meta.url);
const folder = packageFile('dist/docs-page');
mkdirSync(folder, { recursive: true });
// The licence and the notices go where the code goes.
for (const name of [
  'swagger-ui.css',
  'swagger-ui-bundle.js',
  'swagger-ui-bundle.js.LICENSE.txt',
  'favicon-32x32.png',
  'LICENSE',
  'NOTICE',
]) {
  copyFileSync(resolve(`swagger-ui-dist/${name}`), `${folder}/${name}`);
}
