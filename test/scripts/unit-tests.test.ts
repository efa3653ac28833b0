import { expect } from 'chai';
import { findUnitTests } from '../../scripts/unit-tests.js';

describe('npm run test:unit', () => {
  let found: string[];
  before(async () => {
    found = await findUnitTests();
  });

  it('runs what starts neither the service nor a process', () => {
    expect(found).to.include.members([
      'test/domain/deployments/lifecycle.test.ts',
      'test/operations/cursor.test.ts',
      'test/settings/settings.test.ts',
      'test/platform/clock.test.ts',
      'test/http/overload.test.ts',
      // It imports types of helpers that do, and none of these is there when it runs.
      'test/store/sqlite.test.ts',
    ]);
  });

  it('leaves out what starts one of them, by itself or by a helper', () => {
    for (const starting of ['commands', 'stop', 'management', 'process']) {
      expect(found).not.to.include(`test/service/${starting}.test.ts`);
    }
  });
});
