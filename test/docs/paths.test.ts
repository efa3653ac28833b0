import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { expect } from 'chai';
import { packageFile } from '../../src/platform/package-file.js';
import { documents } from './support/documents.js';

/** Made by tools that a document tells of, and not part of the repository. */
const made = '/.venv';
const path = /`((?:src|test|scripts|sql|ops|docs|docs-page|examples|generated)\/[^`\s]*)`/g;

/** Whether a path leads to something; `*` stands for any part of a name. */
async function exists(named: string): Promise<boolean> {
  const { dir, base } = posix.parse(named);
  if (!base.includes('*')) return existsSync(packageFile(named));
  const names = await readdir(packageFile(dir));
  const pattern = new RegExp(`^${base.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
  return names.some((name) => pattern.test(name));
}

for (const document of [...documents(), 'CHANGELOG.md']) {
  describe(`the paths in ${document}`, () => {
    let text: string;
    before(async () => {
      text = await readFile(packageFile(document), 'utf8');
    });

    it('lead to something', async () => {
      const named = [...text.matchAll(path)].map(([, each = '']) => each);
      const found = await Promise.all(named.map(exists));
      const missing = named.filter((each, index) => found[index] === false && !each.endsWith(made));
      expect(missing).to.deep.equal([]);
    });

    it('lead to something as links', () => {
      const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(([, link = '']) =>
        posix.join(posix.dirname(document), link),
      );
      expect(links.filter((link) => !existsSync(packageFile(link)))).to.deep.equal([]);
    });
  });
}

describe('the paths in ARCHITECTURE.md and its siblings', () => {
  it('are found by what looks for them', async () => {
    const text = await readFile(packageFile('docs/ARCHITECTURE.md'), 'utf8');
    expect([...text.matchAll(path)].map(([, each]) => each)).to.include('src/http/app.ts');
    expect(await exists('src/http/nothing.ts')).to.be.false;
    expect(await exists('src/http/nothing*.ts')).to.be.false;
    expect(await exists('test/pact/*.consumer.ts')).to.be.true;
  });
});
