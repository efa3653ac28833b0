import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'yaml';
import { releaseNotes, sectionsOf } from '../../scripts/changelog.js';
import { compareVersions, releases } from '../../scripts/contract/releases.js';
import { loadContract } from '../../src/contract/contract.js';
import { packageFile } from '../../src/platform/package-file.js';
import { documents } from './support/documents.js';

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

describe('the version', () => {
  const read = (path: string) => readFileSync(packageFile(path), 'utf8');
  const { version } = JSON.parse(read('package.json')) as { version: string };

  it('is the same in package, contract and changelog', () => {
    expect(loadContract().version).to.equal(version);
    expect(sectionsOf(read('CHANGELOG.md'))[0]?.version).to.equal(version);
  });

  for (const document of [...documents(), 'ops/kubernetes/base/kustomization.yaml']) {
    it(`is the one that ${document} names, of image, action, manifests and tag`, () => {
      const named = read(document).matchAll(
        /(?:deployment-queue-api[:@]v?|\bref=v|newTag: |git (?:tag|push origin) v)(\d+\.\d+\.\d+)/g,
      );
      const others = [...named].map(([, each]) => each).filter((each) => each !== version);
      expect(others).to.deep.equal([]);
    });
  }

  it('has notes once it has a day, and a changelog has nothing but versions', () => {
    const changelog =
      '# Changelog\n\n## [0.3.0] - Unreleased\n\n- C\n\n## [0.2.0] - 2026-01-31\n\n- B\n';
    expect(releaseNotes(changelog, '0.2.0')).to.equal('- B');
    expect(() => releaseNotes(changelog, '0.3.0')).to.throw(/no day for 0\.3\.0/);
    expect(() => releaseNotes(changelog, '0.1.0')).to.throw(/no section 0\.1\.0/);
    expect(() => sectionsOf('## [Unreleased]\n')).to.throw(/## \[Unreleased\] is no heading/);
  });
});
