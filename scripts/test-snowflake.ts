/**
 * Runs the suites over the real Snowflake driver, against a server that speaks Snowflake's protocol
 * (test/snowflake/server), in a virtual environment of its own. Says so when Python cannot be had.
 *
 * Arguments are handed on to mocha: `npm run test:snowflake -- -g faults`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { prepareSnowflakePython } from '../test/snowflake/support/python.js';

const python = prepareSnowflakePython();
if ('missing' in python) {
  console.error(`SKIPPED test:snowflake, nothing of it was run: ${python.missing}`);
} else {
  const mocha = ['node_modules/mocha/bin/mocha.js', '--config', '.mocharc.snowflake.json'];
  const specs = ['test/snowflake/**/*.wire.{ts,mjs}', 'test/http/**/*.test.ts'];
  const child = spawn(process.execPath, [...mocha, ...specs, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: {
      // Random histories take long over the wire; npm test runs all of them on SQLite.
      TEST_HISTORIES: '2',
      ...process.env,
      TEST_STORE: 'snowflake',
      SNOWFLAKE_TEST_PYTHON: python.path,
    },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
}
