import { expect } from 'chai';
import { packageFile } from '../../src/platform/package-file.js';
import { run, ToolMissing, vacuum } from './support/tools.js';

describe('the contract, linted by vacuum', function () {
  // Building it takes two cores five minutes, and more where they have other work.
  this.timeout(3_600_000);

  it('has no error, no warning and nothing to tell', async function () {
    let program: string;
    try {
      program = await vacuum();
    } catch (error) {
      if (!(error instanceof ToolMissing)) throw error;
      console.error(`SKIPPED vacuum, nothing of it was run: ${error.message}`);
      this.skip();
    }
    const printed = await run(program, [
      ...['lint', packageFile('openapi.yaml'), '--ruleset', packageFile('vacuum.yaml')],
      ...['--details', '--no-clip', '--no-style', '--no-banner', '--no-update-check'],
      ...['--remote=false', '--fail-severity', 'info'],
    ]);
    expect(printed).to.match(/Quality Score/);
  });
});
