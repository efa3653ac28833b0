/**
 * Random pipelines and workers on a real store: whatever they do, and in whatever order, these hold.
 *
 * - never more than `max_running` hold a place of a group, and never two of a taxonomy
 * - fences only grow
 * - nobody waits while its turn is free
 * - nothing starts while a gate is closed for it, unless somebody who may has said why; and what a gate stops is told
 *   by which, and goes when that opens
 * - to open one gate opens no other; approvals are of one attempt, and by others than who registered
 * - nothing is lost: every change has its event, and every deployment comes to rest
 */
import fc from 'fast-check';
import { keepsPromises } from './claims.js';
import { runsOf } from './runs.js';

describe('pipelines that claim', function () {
  this.timeout(30 * 60_000);

  it('keep every promise of the queue, whatever they do', async () => {
    await fc.assert(keepsPromises(), runsOf(1_000));
  });
});
