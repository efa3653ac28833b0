/**
 * Runs the consumers' contract tests (Pact): what the sample consumers expect, and whether the service
 * keeps it. `WRITE_PACTS=true` writes the consumers' pacts into test/pact/pacts.
 *
 * Arguments are handed on to mocha: `npm run test:pact -- -g dashboard`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const mocha = ['node_modules/mocha/bin/mocha.js', '--config', '.mocharc.slow.json'];
const specs = ['test/pact/*.consumer.ts', 'test/pact/*.verification.ts'];
const child = spawn(process.execPath, [...mocha, ...specs, ...process.argv.slice(2)], {
  stdio: 'inherit',
  // Pact reports on its use unless it is told not to.
  env: { ...process.env, PACT_DO_NOT_TRACK: 'true' },
});
const [code] = (await once(child, 'exit')) as [number | null];
process.exitCode = code ?? 1;
