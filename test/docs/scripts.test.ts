import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { packageFile } from '../../src/platform/package-file.js';
import { documents } from './support/documents.js';

const read = (path: string) => readFileSync(packageFile(path), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

describe('the scripts of package.json', () => {
  it('are all in the tables of docs/SCRIPTS.md, and nothing else is', () => {
    const rows = read('docs/SCRIPTS.md').matchAll(/^\| `npm (?:run )?([\w:]+)` +\|/gm);
    expect([...rows].map(([, name]) => name)).to.have.members(Object.keys(scripts));
  });

  for (const document of documents()) {
    it(`are there when ${document} names them`, () => {
      const named = [...read(document).matchAll(/\bnpm run ([\w:]*\w)(?![\w:])/g)];
      expect(named.map(([, name]) => name).filter((name = '') => !(name in scripts))).to.be.empty;
    });
  }
});
