import { readdirSync } from 'node:fs';
import { packageFile } from '../../../src/platform/package-file.js';

/** README, CONTRIBUTING and every Markdown file under docs, README first, by their paths in the package. */
export function documents(): string[] {
  const names = readdirSync(packageFile('docs'), { recursive: true, encoding: 'utf8' });
  return [
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    ...names.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
  ];
}
