/**
 * Runs the suites over the real Snowflake driver, against a server that speaks Snowflake's protocol
 * (test/snowflake/server), in a virtual environment of its own, and then has all SQL that was sent parsed
 * as Snowflake's (test/snowflake/parse_statements.py). Says so when Python cannot be had.
 *
 * Arguments are handed on to mocha: `npm run test:snowflake -- -g faults`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareSnowflakePython } from '../test/snowflake/support/python.js';

/** Suites of what HTTP does whatever the store: `npm test` runs them. */
const withoutStore = [
  'bare',
  'caching',
  'express-prototypes',
  'headers',
  'health',
  'keep-alive',
  'limits',
  'memory',
  'one-form',
  'overload',
  'pipelining',
  'rate-limit',
  'streams',
  'strict-document',
];

const python = prepareSnowflakePython();
if ('missing' in python) {
  console.error(`SKIPPED test:snowflake, nothing of it was run: ${python.missing}`);
} else {
  const folder = await mkdtemp(join(tmpdir(), 'snowflake-statements-'));
  const statements = join(folder, 'statements.jsonl');
  const mocha = ['node_modules/mocha/bin/mocha.js', '--config', '.mocharc.snowflake.json'];
  const ignored = withoutStore.flatMap((name) => ['--ignore', `test/http/${name}.test.ts`]);
  const specs = [...ignored, 'test/snowflake/**/*.wire.{ts,mjs}', 'test/http/**/*.test.ts'];
  const tests = await run(process.execPath, [...mocha, ...specs, ...process.argv.slice(2)], {
    // Random histories take long over the wire; npm test runs all of them on SQLite.
    TEST_HISTORIES: '1',
    ...process.env,
    TEST_STORE: 'snowflake',
    SNOWFLAKE_TEST_PYTHON: python.path,
    SNOWFLAKE_TEST_STATEMENTS: statements,
  });
  const parsed = await run(python.path, ['test/snowflake/parse_statements.py', statements]);
  await rm(folder, { recursive: true });
  process.exitCode = tests === 0 ? parsed : tests;
}

/** Runs a program to its end; its exit code. */
async function run(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit', env });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
