import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { packageFile } from '../../../src/platform/package-file.js';
import { mutate } from './mutant.js';
import { mutants } from './mutants.js';

const all = Object.values(mutants).flat();

describe('the mutants of the rules', () => {
  it('break each rule once', () => {
    const rules = all.map(({ breaks }) => breaks);
    expect(new Set(rules).size).to.equal(rules.length);
  });

  it('replace what stands in the code exactly once, so that none is forgotten when that changes', () => {
    for (const mutant of all) {
      const source = readFileSync(packageFile(mutant.file), 'utf8');
      expect(mutate(mutant, source), mutant.breaks).not.to.equal(source);
    }
  });
});
