import { once } from 'node:events';
import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import { createCleanup } from '../../src/background/cleanup.js';
import { createPublisher } from '../../src/events/publisher.js';
import { createClock } from '../../src/platform/clock.js';
import type { Commit } from '../../src/store/store.js';

describe('the cleanup', () => {
  const commits = createPublisher<Commit>();
  const asked = new EventEmitter();
  let removals: (string | Error)[];
  let more: boolean[];
  const warnings: string[] = [];
  const log = { warn: (_fields: object, message: string) => void warnings.push(message) };

  beforeEach(() => {
    removals = [];
    more = [];
    warnings.splice(0);
  });

  const store = {
    subscribe: (listener: (commit: Commit) => void) => commits.subscribe(listener),
    system: {
      depth: () => Promise.resolve([]),
      skipping: () => Promise.resolve([]),
      dueQueues: () => Promise.resolve([]),
      organisations: () => Promise.resolve([]),
      removeExpiredResponses: (before: string) => {
        removals.push(before);
        asked.emit('asked');
        const next = more.shift();
        if (next === undefined) return Promise.reject(new Error('out of reach'));
        return Promise.resolve(next);
      },
    },
  };
  const change = () => {
    commits.publish({ organisation: 'acme', changes: {} });
  };

  it('removes what expired a day ago, after a change, until there is no more', async () => {
    more = [true, true, false];
    const cleanup = createCleanup(store, createClock(), log, 5);
    await cleanup.start();
    change();
    await once(asked, 'asked');
    await cleanup.stop();
    expect(removals.length).to.be.within(1, 3);
    const age = Date.now() - Date.parse(String(removals[0]));
    expect(age / 3_600_000).to.be.within(23.9, 24.5);
  });

  it('leaves the store alone as long as nothing changes', async () => {
    const cleanup = createCleanup(store, createClock(), log, 2);
    await cleanup.start();
    await new Promise((resolve) => setTimeout(resolve, 30));
    await cleanup.stop();
    expect(removals).to.deep.equal([]);
  });

  it('says when the store fails, and tries again after the next change', async () => {
    const cleanup = createCleanup(store, createClock(), log, 5);
    await cleanup.start();
    change();
    await once(asked, 'asked');
    more = [false];
    change();
    await once(asked, 'asked');
    await cleanup.stop();
    expect(warnings).to.deep.equal(['what has expired could not be removed']);
  });

  it('ends at its stop, with changes to come', async () => {
    const cleanup = createCleanup(store, createClock(), log, 1);
    await cleanup.start();
    await cleanup.stop();
    change();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(removals).to.deep.equal([]);
  });
});
