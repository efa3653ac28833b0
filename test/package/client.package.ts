import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { packClient } from '../../scripts/pack-client.js';
import { runService } from '../support/http.js';
import { loadedModules } from '../support/loaded-modules/loaded-modules.js';
import { runProgram } from '../support/run-program.js';
import { install, installInEmptyFolder, report, root, run } from './support/consumer.js';
import type { Consumer } from './support/consumer.js';

/** How consumers compile: as Node resolves, as bundlers do, and without Node's types. */
const nodenext = { module: 'NodeNext', types: ['node'], lib: ['ES2022'] };
const bundler = { ...nodenext, module: 'ESNext', moduleResolution: 'Bundler' };
const withoutNode = { ...bundler, types: [], lib: ['ES2022', 'DOM'] };

describe('the package of the client, packed and installed in an empty folder', () => {
  const running = runService();
  let consumer: Consumer;
  let folder = '';

  before(async function () {
    this.timeout(300_000);
    consumer = await installInEmptyFolder(packClient);
    ({ folder } = consumer);
    report('deployment-queue', consumer);
    const tools = await Promise.all(
      ['typescript', '@types/node'].map(async (name) => `${name}@${await installedVersion(name)}`),
    );
    await install(folder, tools);
    await cp(join(root, 'examples'), folder, { recursive: true });
  });
  after(() => consumer.remove());

  it('is one package, of less than five megabytes', () => {
    expect(consumer.packages).to.equal(1);
    expect(consumer.bytes.installed).to.be.below(5 * 1024 * 1024);
  });

  it('has the version of the service', async () => {
    const version = async (path: string) =>
      (JSON.parse(await readFile(path, 'utf8')) as { readonly version: string }).version;
    const packaged = join(folder, 'node_modules/deployment-queue/package.json');
    expect(await version(packaged)).to.equal(await version(join(root, 'package.json')));
  });

  /** Compiles programs as strictly as can be; what the compiler says, nothing when it is content. */
  async function compile(files: readonly string[], options: object = nodenext): Promise<string[]> {
    const compilerOptions = {
      target: 'ES2022',
      strict: true,
      noImplicitReturns: true,
      exactOptionalPropertyTypes: true,
      verbatimModuleSyntax: true,
      skipLibCheck: false,
      outDir: 'out',
      ...options,
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    const compiler = join(folder, 'node_modules/typescript/bin/tsc');
    const { stdout } = await runProgram([compiler, '-p', folder], {}, folder);
    return stdout.split('\n').filter((line) => line !== '');
  }

  for (const [name, options] of Object.entries({ nodenext, bundler })) {
    it(`compiles every example, strictly and with the libraries' types checked (${name})`, async () => {
      expect(await compile(['tour.ts', 'pipeline.ts', 'rollback.ts'], options)).to.deep.equal([]);
    });
  }

  it('compiles what docs/CLIENT.md shows', async () => {
    const text = await readFile(join(root, 'docs/CLIENT.md'), 'utf8');
    const programs = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, program = '']) => program);
    expect(programs).to.have.length.greaterThan(2);
    const files = programs.map((_program, index) => `shown-${index}.ts`);
    for (const [index, file] of files.entries()) {
      await writeFile(join(folder, file), `${programs[index] ?? ''}export {};\n`);
    }
    expect(await compile(files)).to.deep.equal([]);
  });

  it('answers to require, with types of its own', async () => {
    const program = [
      "import queue = require('deployment-queue');",
      "const client: queue.DeploymentQueueClient = queue.createClient({ url: 'http://127.0.0.1', credentials: queue.noCredentials() });",
      'export = { client, isOurs: (error: unknown) => error instanceof queue.ProblemError };',
    ];
    await writeFile(join(folder, 'required.cts'), program.join('\n'));
    expect(await compile(['required.cts'], { ...nodenext, lib: ['ES2022'] })).to.deep.equal([]);
    const code = `const queue = require('deployment-queue'); console.log(typeof queue.createClient, Object.keys(queue).includes('ProblemError'));`;
    const flags = ['--input-type=commonjs', '--eval', code];
    const required = await runProgram(flags, {}, folder);
    expect(required).to.deep.equal({ code: 0, stdout: 'function true\n', stderr: '' });
  });

  it('has types that need none of Node', async () => {
    const program = [
      "import { createClient, gitHubToken } from 'deployment-queue';",
      "const credentials = gitHubToken('x', 'acme');",
      "const client = createClient({ url: 'https://queue.example.com', credentials, fetch });",
      "export const waited = client.waitFor('id', ['deployed'], { signal: AbortSignal.timeout(9) });",
    ];
    await writeFile(join(folder, 'page.ts'), program.join('\n'));
    expect(await compile(['page.ts'], withoutNode)).to.deep.equal([]);
  });

  it('runs the tour against the service', async () => {
    expect(await compile(['tour.ts'])).to.deep.equal([]);
    const { service, tenant } = running;
    const environment = {
      DEPLOYMENT_QUEUE_URL: service.apiUrl,
      DEPLOYMENT_QUEUE_ORGANISATION: tenant.organisation,
    };
    const outcome = await runProgram(['out/tour.js'], environment, folder);
    expect(outcome).to.deep.include({ code: 0, stderr: '' });
    expect(outcome.stdout).to.match(/^Back to 1\.0\.0, /);
    const statuses = (await tenant.list()).map(({ version, status }) => `${version} ${status}`);
    expect(statuses).to.deep.equal(['1.0.0 scheduled', '1.1.0 deployed', '1.0.0 deployed']);
  });

  const mistakes: [what: string, right: string, wrong: string, error: RegExp][] = [
    [
      'a misspelt field',
      "region: 'europe-west1'",
      "regoin: 'europe-west1'",
      /^tour\.ts\(\d+,\d+\): error TS2561: .*'regoin' does not exist in type .*Did you mean to write 'region'/,
    ],
    [
      'a value that is not in the enum',
      "provider: 'gcp'",
      "provider: 'gpc'",
      /^tour\.ts\(\d+,\d+\): error TS2322: Type '"gpc"' is not assignable to type '"gcp"/,
    ],
    [
      'a status without a handler',
      "case 'skipped':\n      return 'was overtaken by a newer one';\n",
      '',
      /^tour\.ts\(\d+,\d+\): error TS2345: .* not assignable to parameter of type 'never'/,
    ],
    [
      'a status that there is not',
      "['deployed']",
      "['done']",
      /^tour\.ts\(\d+,\d+\): error TS2322: Type '"done"' is not assignable/,
    ],
  ];
  for (const [what, right, wrong, error] of mistakes) {
    it(`does not compile the tour with ${what}`, async () => {
      const tour = await readFile(join(root, 'examples/tour.ts'), 'utf8');
      expect(tour.split(right)).to.have.length(2);
      const program = tour.replace(right, wrong);
      await writeFile(join(folder, 'tour.ts'), program);
      try {
        const [first, ...others] = await compile(['tour.ts']);
        expect(first).to.match(error);
        // Further lines explain the first, or say the same of another call.
        for (const line of others) expect(line).to.match(/^( |tour\.ts)/);
      } finally {
        await writeFile(join(folder, 'tour.ts'), tour);
      }
    });
  }

  it('loads one file when the client is imported', async () => {
    const loaded = await loadedModules([], "await import('deployment-queue');", folder);
    const files = loaded.filter((url) => !url.startsWith('node:'));
    expect(files).to.have.length(1);
    expect(files[0]).to.match(/\/node_modules\/deployment-queue\/esm\/index\.js$/);
    expect(loaded.filter((url) => url.startsWith('node:'))).to.deep.equal([]);
  });

  it('gives the contract, and nothing of the inside', async () => {
    const code = `
      import { readFileSync } from 'node:fs';
      import { fileURLToPath } from 'node:url';
      console.log(readFileSync(fileURLToPath(import.meta.resolve('deployment-queue/openapi.yaml')), 'utf8').split('\\n', 1)[0]);
      await import('deployment-queue/esm/index.js').catch(({ code }) => console.log(code));`;
    const outcome = await runProgram(['--input-type=module', '--eval', code], {}, folder);
    expect(outcome.stdout).to.equal('openapi: 3.1.0\nERR_PACKAGE_PATH_NOT_EXPORTED\n');
  });

  it('puts deployment-queue on the path, which talks to the service', async () => {
    const program = join(folder, 'node_modules/.bin/deployment-queue');
    const env = { PATH: process.env['PATH'], DEPLOYMENT_QUEUE_URL: running.service.apiUrl };
    const { stdout } = await run(program, ['list', '--limit', '1', '--json'], { env });
    expect(JSON.parse(stdout)).to.be.an('array');
    const { stdout: version } = await run(program, ['--version'], { env });
    const { version: expected } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    expect(version).to.equal(`${String(expected)}\n`);
  });
});

/** The version of a package that this project works with. */
async function installedVersion(name: string): Promise<string> {
  const file = join(root, 'node_modules', name, 'package.json');
  return (JSON.parse(await readFile(file, 'utf8')) as { version: string }).version;
}
