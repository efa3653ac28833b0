/**
 * Runs the unit tests: those that start neither the service nor a process.
 *
 * Arguments are handed on to mocha: `npm run test:unit -- -g rollback`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findUnitTests } from './unit-tests.js';

const mocha = ['node_modules/mocha/bin/mocha.js', ...(await findUnitTests())];
const child = spawn(process.execPath, [...mocha, ...process.argv.slice(2)], { stdio: 'inherit' });
const [code] = (await once(child, 'exit')) as [number | null];
process.exitCode = code ?? 1;
