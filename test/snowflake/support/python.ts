import { fileURLToPath } from 'node:url';
import { preparePython } from '../../support/python.js';
import type { Python } from '../../support/python.js';

/** The interpreter of the Snowflake server; `SNOWFLAKE_TEST_PYTHON` names another. */
export function prepareSnowflakePython(): Python {
  const own = process.env['SNOWFLAKE_TEST_PYTHON'];
  if (own !== undefined) return { path: own };
  return preparePython(fileURLToPath(new URL('../', import.meta.url)), 'server/requirements.txt');
}
