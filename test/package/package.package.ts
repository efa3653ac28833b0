import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { runService } from '../support/http.js';
import { loadedModules } from '../support/loaded-modules/loaded-modules.js';
import { runProgram } from '../support/run-program.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

/** How consumers compile: as Node resolves, as bundlers do, and without Node's types. */
const nodenext = { module: 'NodeNext', types: ['node'], lib: ['ES2022'] };
const bundler = { ...nodenext, module: 'ESNext', moduleResolution: 'Bundler' };
const withoutNode = { ...bundler, types: [], lib: ['ES2022', 'DOM'] };

describe('the package, packed and installed in an empty folder', () => {
  const running = runService();
  let folder = '';

  before(async function () {
    // npm may have to fetch what the package depends on.
    this.timeout(300_000);
    folder = await mkdtemp(join(tmpdir(), 'deployment-queue-consumer-'));
    // `prepack` builds; its output comes first.
    const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', folder], {
      cwd: root,
    });
    const tarball = stdout.trim().split('\n').at(-1) ?? '';
    await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
    const tools = await Promise.all(
      ['typescript', '@types/node'].map(async (name) => `${name}@${await installedVersion(name)}`),
    );
    const flags = ['--prefer-offline', '--no-audit', '--no-fund'];
    await run('npm', ['install', ...flags, join(folder, tarball), ...tools], { cwd: folder });
    await cp(join(root, 'examples'), folder, { recursive: true });
  });
  after(() => rm(folder, { recursive: true, force: true }));

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

  it('has types that need none of Node', async () => {
    const program = [
      "import { createClient, gitHubToken } from 'deployment-queue-api/client';",
      "const credentials = gitHubToken('x', 'acme');",
      "const client = createClient({ baseUrl: 'https://queue.example.com', credentials, fetch });",
      "export const waited = client.waitFor('id', ['deployed'], { signal: AbortSignal.timeout(9) });",
    ];
    await writeFile(join(folder, 'page.ts'), program.join('\n'));
    expect(await compile(['page.ts'], withoutNode)).to.deep.equal([]);
  });

  it('runs the tour against the service', async () => {
    expect(await compile(['tour.ts'])).to.deep.equal([]);
    const { service, tenant } = running;
    const environment = {
      QUEUE_URL: service.apiUrl,
      QUEUE_ORGANISATION: tenant.organisation,
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

  it('loads nothing but itself when the client is imported', async () => {
    const loaded = await loadedModules([], "await import('deployment-queue-api/client');", folder);
    const files = loaded.filter((url) => url.startsWith('file:'));
    expect(files).to.have.length.greaterThan(5);
    for (const url of files) {
      expect(url).to.match(
        /\/node_modules\/deployment-queue-api\/(dist\/client\/[\w-]+|dist\/platform\/loopback|generated\/[\w-]+)\.js$/,
      );
    }
  });

  it('gives the contract, and nothing of the inside', async () => {
    const code = `
      import { readFileSync } from 'node:fs';
      import { fileURLToPath } from 'node:url';
      console.log(readFileSync(fileURLToPath(import.meta.resolve('deployment-queue-api/openapi.yaml')), 'utf8').split('\\n', 1)[0]);
      await import('deployment-queue-api').catch(({ code }) => console.log(code));
      await import('deployment-queue-api/dist/main.js').catch(({ code }) => console.log(code));`;
    const outcome = await runProgram(['--input-type=module', '--eval', code], {}, folder);
    expect(outcome.stdout.split('\n')).to.deep.equal([
      'openapi: 3.1.0',
      'ERR_PACKAGE_PATH_NOT_EXPORTED',
      'ERR_PACKAGE_PATH_NOT_EXPORTED',
      '',
    ]);
  });

  it('puts deployment-queue on the path, which talks to the service', async () => {
    const program = join(folder, 'node_modules/.bin/deployment-queue');
    const env = { PATH: process.env['PATH'], DEPLOYMENT_QUEUE_URL: running.service.apiUrl };
    const { stdout } = await run(program, ['list', '--limit', '1', '--json'], { env });
    expect(JSON.parse(stdout)).to.be.an('array');
  });

  it('puts deployment-queue-api on the path, which serves', async () => {
    const service = spawn(join(folder, 'node_modules/.bin/deployment-queue-api'), ['serve'], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        AUTH_ENABLED: 'false',
        API_PORT: '0',
        MANAGEMENT_PORT: '0',
      },
    });
    const ended = once(service, 'exit');
    let printed = '';
    for await (const chunk of service.stdout) {
      printed += String(chunk);
      const [, api] = /"api":"([^"]+)".*\n/.exec(printed) ?? [];
      if (api === undefined) continue;
      expect((await fetch(`${api}/v1/deployments`)).status).to.equal(200);
      service.kill('SIGTERM');
      break;
    }
    expect(await ended, printed).to.deep.equal([0, null]);
  });
});

/** The version of a package that this project works with. */
async function installedVersion(name: string): Promise<string> {
  const file = join(root, 'node_modules', name, 'package.json');
  return (JSON.parse(await readFile(file, 'utf8')) as { version: string }).version;
}
