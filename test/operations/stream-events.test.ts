import { expect } from 'chai';
import type { Follower } from '../../src/domain/feed/feeds.js';
import type { OperationContext } from '../../src/operations/operation.js';
import { streamEvents } from '../../src/operations/streamEvents.js';
import { caller } from '../support/stored.js';

/** A follower to whom nothing ever happens. */
const nothing: Follower = {
  start: 7,
  next: (forMs) => new Promise((resolve) => setTimeout(resolve, forMs, [])),
};

/** How many parts the stream of a caller has whose token is good for so many milliseconds more. */
async function partsOf(goodForMs: number): Promise<number> {
  const context = {
    caller: { ...caller, goodUntil: Date.now() + goodForMs },
    feeds: { follow: () => Promise.resolve(nothing) },
    left: () => new AbortController().signal,
  } as unknown as OperationContext;
  const response = await streamEvents(
    { path: {}, query: {}, headers: {}, body: undefined },
    context,
  );
  if (!('stream' in response)) throw new Error('There is no stream');
  const parts: string[] = [];
  for await (const part of response.stream(new AbortController().signal)) parts.push(part);
  return parts.length;
}

describe('the stream of a job', () => {
  it('ends when its token does, since nobody is asked again in between', async () => {
    expect(await partsOf(20)).to.equal(1);
    // A clock that has gone on meanwhile.
    expect(await partsOf(-1_000)).to.equal(1);
  });
});
