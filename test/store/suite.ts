import type { OpenStore } from './harness.js';
import { describeIdempotency } from './idempotency-suite.js';
import { describeReads } from './reads-suite.js';
import { describeRollbackSlice } from './rollback-suite.js';
import { describeWrites } from './writes-suite.js';

/** What every implementation of `DeploymentStore` promises. */
export function describeStore(name: string, open: OpenStore): void {
  describe(`DeploymentStore on ${name}`, () => {
    describeReads(open);
    describeWrites(open);
    describeIdempotency(open);
    describeRollbackSlice(open);
  });
}
