import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'yaml';
import { compareVersions, releases } from '../../scripts/contract/releases.js';
import { loadContract } from '../../src/contract/contract.js';

describe('the released contracts', () => {
  it('are each of the version that their file is named after', () => {
    const named = releases().map(({ version }) => version);
    expect(named).to.have.length.greaterThan(0);
    const written = releases().map(
      ({ file }) =>
        (parse(readFileSync(file, 'utf8')) as { info: { version: string } }).info.version,
    );
    expect(written).to.deep.equal(named);
  });

  it('are not newer than the contract', () => {
    const last = releases().at(-1)?.version ?? '';
    expect(compareVersions(last, loadContract().version)).to.be.at.most(0);
  });

  it('are ordered by number, not by text', () => {
    const versions = ['0.10.0', '1.0.0', '0.2.0', '0.2.10', '0.2.9'];
    expect(versions.sort(compareVersions)).to.deep.equal([
      '0.2.0',
      '0.2.9',
      '0.2.10',
      '0.10.0',
      '1.0.0',
    ]);
  });
});
