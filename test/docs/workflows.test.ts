import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'yaml';
import { packageFile } from '../../src/platform/package-file.js';

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly uses?: string;
  readonly needs?: string | string[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: { readonly node: string[] } };
  readonly steps?: {
    readonly uses?: string;
    readonly run?: string;
    readonly with?: Readonly<Record<string, unknown>>;
  }[];
}

const folder = '.github/workflows';
const read = (path: string) => readFileSync(packageFile(path), 'utf8');
const workflow = (name: string) => parse(read(`${folder}/${name}.yml`)) as Workflow;

describe('the workflows of this repository', () => {
  const all = readdirSync(packageFile(folder)).map((file) => workflow(file.replace('.yml', '')));
  const jobs = all.flatMap((each) => Object.values(each.jobs));

  it('may read alone, but for the jobs that publish', () => {
    expect(all.map(({ permissions }) => permissions)).to.deep.equal(
      all.map(() => ({ contents: 'read' })),
    );
    const { jobs: published } = workflow('release');
    const writes = Object.entries(published).filter(([, { permissions = {} }]) =>
      Object.values(permissions).includes('write'),
    );
    expect(writes.map(([name]) => name)).to.deep.equal(['packages', 'image', 'notes']);
  });

  it('leave no token in the checkout, and hand no text of an event to a shell', () => {
    const steps = jobs.flatMap(({ steps = [] }) => steps);
    const checkouts = steps.filter(({ uses = '' }) => uses.startsWith('actions/checkout@'));
    for (const { with: given } of checkouts) {
      expect(given).to.deep.equal({ 'persist-credentials': false });
    }
    expect(steps.filter(({ run = '' }) => run.includes('${{'))).to.deep.equal([]);
  });

  it('run .ci/run and the tests on all versions of Node that work', () => {
    const { all: whole, node } = workflow('ci').jobs;
    const versions = (whole?.steps ?? []).map(({ with: given }) => given?.['node-version']);
    expect(versions).to.include('22');
    expect(whole?.steps?.at(-1)?.run).to.match(/ \.ci\/run$/);
    expect(node?.steps?.at(-1)?.run).to.equal('npm test');
    const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
    expect(node?.strategy?.matrix.node).to.deep.equal([
      engines.node.replace('>=', ''),
      read('.nvmrc').trim(),
    ]);
  });

  it('publish only what CI has passed, by a tag of its version', () => {
    const { on, jobs: published } = workflow('release');
    expect(on).to.deep.equal({ push: { tags: ['v[0-9]+.[0-9]+.[0-9]+'] } });
    expect(published['ci']).to.deep.equal({ needs: 'version', uses: './.github/workflows/ci.yml' });
    expect(published['packages']?.needs).to.equal('ci');
    expect(published['image']?.needs).to.equal('ci');
  });
});

describe('the form for what does not work', () => {
  it('has each store to choose from', () => {
    const { body } = parse(read('.github/ISSUE_TEMPLATE/fault.yml')) as {
      readonly body: { readonly id: string; readonly attributes: { readonly options: string[] } }[];
    };
    const options = body.find(({ id }) => id === 'store')?.attributes.options ?? [];
    const stores = readdirSync(packageFile('sql'));
    expect(options.slice(0, -1).map((option) => option.toLowerCase())).to.satisfy(
      (shown: string[]) =>
        shown.length === stores.length &&
        stores.every((store) => shown.some((option) => option.startsWith(store))),
    );
  });
});
