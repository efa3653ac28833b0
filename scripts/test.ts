/**
 * Runs the tests: all of them, several files at a time, and fails below the line coverage of .c8rc.json.
 *
 * Arguments are handed on to mocha, and then no coverage is asked for: a part of the tests covers a part.
 * Files that are named are run instead of all: `npm test -- test/http/list.test.ts -g cursor`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';

const args = process.argv.slice(2);
const specs = args.some((arg) => arg.endsWith('.test.ts')) ? [] : ['test/**/*.test.ts'];
const coverage = args.length === 0 ? ['node_modules/c8/bin/c8.js', process.execPath] : [];
// On two cores as well: half of the time goes into waiting for other processes.
const jobs = Math.min(Math.max(2, availableParallelism()), 8);
const mocha = ['node_modules/mocha/bin/mocha.js', '--parallel', '--jobs', String(jobs)];
const child = spawn(process.execPath, [...coverage, ...mocha, ...specs, ...args], {
  stdio: 'inherit',
});
const [code] = (await once(child, 'exit')) as [number | null];
process.exitCode = code ?? 1;
