import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { packageFile } from '../../src/platform/package-file.js';

interface Locked {
  readonly version: string;
  readonly dev?: boolean;
  readonly link?: boolean;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly dependencies?: Record<string, string>;
}

const lock = JSON.parse(readFileSync(packageFile('package-lock.json'), 'utf8')) as {
  packages: Record<string, Locked>;
};
const locked = Object.entries(lock.packages).filter(([path]) => path !== '');

describe('the lock file', () => {
  it('names each package by version and hash, and none from anywhere but a registry', () => {
    expect(locked.length).to.be.greaterThan(500);
    for (const [path, { version, integrity, link, resolved }] of locked) {
      expect(version, path).to.match(/^\d+\.\d+\.\d+(-[\w.-]+)?$/);
      expect(integrity, path).to.match(/^sha512-[A-Za-z0-9+/]{86}==$/);
      expect(link, path).to.equal(undefined);
      expect(resolved ?? 'https://registry.npmjs.org/', path).to.match(
        /^https:\/\/registry\.npmjs\.org\//,
      );
    }
  });

  it('asks for no package by git, by http or by path', () => {
    const { packages } = lock;
    for (const [path, { dependencies = {} }] of Object.entries(packages)) {
      for (const [name, range] of Object.entries(dependencies)) {
        expect(range, `${name} of ${path}`).not.to.match(/[:/]/);
      }
    }
    const manifest = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as Record<
      'dependencies' | 'devDependencies',
      Record<string, string>
    >;
    const ranges = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(ranges.filter((range) => /[:/]/.test(range))).to.be.empty;
  });
});

describe('the bill of materials', () => {
  let folder: string;
  let bom: {
    bomFormat: string;
    metadata: { component: { name: string; version: string } };
    components: { name: string; version: string; purl: string; hashes: { alg: string }[] }[];
    dependencies: { ref: string; dependsOn: string[] }[];
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-sbom-'));
    for (const name of ['package.json', 'package-lock.json']) {
      await cp(packageFile(name), join(folder, name));
    }
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    execFileSync(process.execPath, ['--import', tsx, packageFile('scripts/write-sbom.ts')], {
      cwd: folder,
    });
    bom = JSON.parse(readFileSync(join(folder, 'dist/sbom.cdx.json'), 'utf8')) as typeof bom;
  });
  after(() => rm(folder, { recursive: true }));

  it('is of this package, as CycloneDX', () => {
    expect(bom.bomFormat).to.equal('CycloneDX');
    expect(bom.metadata.component).to.include({ name: 'deployment-queue-api' });
  });

  it('names all that production needs, and what the pages have, with hashes', () => {
    const nameOf = ([path, { version }]: [string, Locked]) =>
      `${path.replace(/^.*node_modules\//, '')}@${version}`;
    const needed = new Set(locked.filter(([, { dev = false }]) => !dev).map(nameOf));
    const ofPages = ['swagger-ui-dist', 'preact', 'eventsource-parser'];
    const shipped = locked
      .filter(([path]) => ofPages.includes(path.replace('node_modules/', '')))
      .map(nameOf);
    expect(shipped).to.have.length(3);
    const named = bom.components.map(({ name, version }) => `${name}@${version}`);
    expect(named).to.have.members([...needed, ...shipped]);
    expect(named).to.include.members(['express', 'snowflake-sdk'].map(versionOf));
    for (const { purl, hashes } of bom.components) {
      expect(purl).to.match(/^pkg:npm\//);
      expect(hashes.map(({ alg }) => alg)).to.deep.equal(['SHA-512']);
    }
  });

  it('says who needs whom, and of nobody that it does not name', () => {
    const refs = bom.dependencies.map(({ ref }) => ref);
    expect(refs).to.include(versionOf('express'));
    for (const { dependsOn } of bom.dependencies) expect(refs).to.include.members(dependsOn);
  });

  function versionOf(name: string): string {
    return `${name}@${lock.packages[`node_modules/${name}`]?.version ?? ''}`;
  }
});
