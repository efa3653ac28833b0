/**
 * Runs the tests in a real browser, on the compiled service: `npm run build` first. Says so when there
 * is no browser. `CHROMIUM` names one; without it, Debian's package `chromium` is looked for.
 *
 * Arguments are handed on to mocha: `npm run test:browser -- -g deployment`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findChromium } from '../test/browser/support/chromium.js';

const executable = findChromium();
if (executable === undefined) {
  console.error(
    'SKIPPED test:browser, nothing of it was run: there is no Chromium (apt-get install chromium, or ' +
      'set CHROMIUM to the path of one)',
  );
} else {
  const mocha = ['node_modules/mocha/bin/mocha.js', '--config', '.mocharc.slow.json'];
  const specs = ['test/browser/**/*.browser.ts'];
  const child = spawn(process.execPath, [...mocha, ...specs, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, CHROMIUM: executable },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
}
