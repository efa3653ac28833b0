import type { OpenStore } from './harness.js';
import { describeFeed } from './feed-suite.js';
import { describeGates } from './gates-suite.js';
import { describeIdempotency } from './idempotency-suite.js';
import { describeOverview } from './overview-suite.js';
import { describePolicies } from './policies-suite.js';
import { describeQueue } from './queue-suite.js';
import { describeReads } from './reads-suite.js';
import { describeRetention } from './retention-suite.js';
import { describeSlices } from './slices-suite.js';
import { describeTenants } from './tenants-suite.js';
import { describeUsage } from './usage-suite.js';
import { describeWrites } from './writes-suite.js';

/** What every implementation of `Store` promises. */
export function describeStore(name: string, open: OpenStore): void {
  describe(`the store on ${name}`, () => {
    describeReads(open);
    describeWrites(open);
    describeIdempotency(open);
    describePolicies(open);
    describeGates(open);
    describeOverview(open);
    describeQueue(open);
    describeFeed(open);
    describeSlices(open);
    describeUsage(open);
    describeRetention(open);
    describeTenants(open);
  });
}
