/**
 * Makes the npm package `deployment-queue` of the client and the command line: of the same sources and the same
 * version as the service's package, and with no dependency, since what it needs is bundled.
 *
 *     npm run pack:client [-- FOLDER]
 *
 * leaves the tarball in the folder, `dist` unless said otherwise, and prints its path.
 */
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { Plugin } from 'esbuild';
import ts from 'typescript';
import { requireInModule } from './bundles.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const entry = 'src/client/client';
const formats = { esm: 'module', cjs: 'commonjs' } as const;

/** What goes through a proxy is loaded where there is one, and left out by bundlers for browsers. */
const proxyAgentBeside: Plugin = {
  name: 'proxy-agent-beside',
  setup(build) {
    build.onResolve({ filter: /\/proxy-agent\.js$/ }, ({ path }) => ({ path, external: true }));
  },
};

/**
 * Puts the package's files into a folder.
 *
 * @throws Error when the client needs what a browser does not have
 */
export async function assembleClient(folder: string): Promise<void> {
  for (const [format, type] of Object.entries(formats)) {
    const place = join(folder, format);
    await mkdir(place, { recursive: true });
    const options = {
      absWorkingDir: root,
      bundle: true,
      target: 'es2022',
      format: format as keyof typeof formats,
      logLevel: 'silent',
    } as const;
    await build({
      ...options,
      entryPoints: [`${entry}.ts`],
      outfile: join(place, 'index.js'),
      // Nothing of Node can be imported then.
      platform: 'browser',
      plugins: [proxyAgentBeside],
    });
    await build({
      ...options,
      entryPoints: ['src/platform/proxy-agent.ts'],
      outfile: join(place, 'proxy-agent.js'),
      platform: 'node',
      // All but a few lines of it are a library's, in both formats.
      minify: true,
      ...(format === 'esm' && { banner: { js: requireInModule } }),
    });
    const licences = { index: 'eventsource-parser', 'proxy-agent': 'undici' };
    for (const [file, library] of Object.entries(licences)) {
      const licence = join(root, 'node_modules', library, 'LICENSE');
      await cp(licence, join(place, `${file}.LICENSE.txt`));
    }
    writeTypes(place);
    for (const name of ['client.d.ts', 'openapi.d.ts']) {
      await cp(join(root, 'generated', name), join(place, 'generated', name));
    }
    await writeFile(join(place, 'package.json'), json({ type }));
  }
  const program = join(folder, 'deployment-queue.js');
  const bundle = await readFile(join(root, 'generated/deployment-queue.js'), 'utf8');
  await writeFile(program, `#!/usr/bin/env node\n${bundle}`);
  await chmod(program, 0o755);
  await cp(join(root, 'openapi.yaml'), join(folder, 'openapi.yaml'));
  await cp(join(root, 'generated/openapi.json'), join(folder, 'openapi.json'));
  for (const name of ['LICENSE', 'CHANGELOG.md']) await cp(join(root, name), join(folder, name));
  await cp(join(root, 'scripts/client-readme.md'), join(folder, 'README.md'));
  await writeFile(join(folder, 'package.json'), json(await manifest()));
}

/** Declarations, beside each other as the sources are. */
function writeTypes(place: string): void {
  const program = ts.createProgram([join(root, `${entry}.ts`)], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
    types: ['node'],
    strict: true,
    skipLibCheck: true,
    exactOptionalPropertyTypes: true,
    declaration: true,
    emitDeclarationOnly: true,
    noEmitOnError: true,
    rootDir: root,
    outDir: place,
  });
  const { diagnostics } = program.emit();
  const [first] = diagnostics;
  if (first !== undefined) throw new Error(ts.flattenDiagnosticMessageText(first.messageText, ' '));
}

async function manifest(): Promise<object> {
  const service = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    readonly version: string;
    readonly license: string;
    readonly engines: object;
  };
  const { version, license, engines } = service;
  const on = (format: keyof typeof formats) => ({
    types: `./${format}/${entry}.d.ts`,
    default: `./${format}/index.js`,
  });
  return {
    name: 'deployment-queue',
    version,
    description: 'The client of the Deployment Queue API, and its command line',
    license,
    engines,
    type: 'module',
    sideEffects: false,
    bin: { 'deployment-queue': 'deployment-queue.js' },
    exports: {
      '.': { import: on('esm'), require: on('cjs') },
      './openapi.yaml': './openapi.yaml',
      './openapi.json': './openapi.json',
      './package.json': './package.json',
    },
    browser: { './esm/proxy-agent.js': false, './cjs/proxy-agent.js': false },
    // For tools that do not read `exports`.
    main: './cjs/index.js',
    types: './cjs/src/client/client.d.ts',
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Packs it. @returns the path of the tarball */
export async function packClient(destination: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'deployment-queue-client-'));
  try {
    await assembleClient(folder);
    await mkdir(destination, { recursive: true });
    const { stdout } = await promisify(execFile)(
      'npm',
      ['pack', '--silent', '--pack-destination', resolve(destination)],
      { cwd: folder },
    );
    return join(destination, stdout.trim());
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(await packClient(process.argv[2] ?? join(root, 'dist')));
}
