import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { packageFile } from '../../src/platform/package-file.js';
import { documents } from './support/documents.js';

const read = (path: string) => readFileSync(packageFile(path), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

describe('the scripts of package.json', () => {
  it('are all in the table of README, and nothing else is', () => {
    const [, section = ''] = read('README.md').split(/^## Development$/m);
    const [table = ''] = section.split(/^## /m);
    const rows = [...table.matchAll(/^\| `npm (?:run )?([\w:]+)` +\|/gm)];
    // README starts the service where it tells of production.
    const named = [...rows.map(([, name = '']) => name), 'start'];
    expect(named).to.have.members(Object.keys(scripts));
  });

  for (const document of documents()) {
    it(`are there when ${document} names them`, () => {
      const named = [...read(document).matchAll(/\bnpm run ([\w:]*\w)(?![\w:])/g)];
      expect(named.map(([, name]) => name).filter((name = '') => !(name in scripts))).to.be.empty;
    });
  }
});
