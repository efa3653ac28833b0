import { expect } from 'chai';
import type { FeedEvent } from '../../src/domain/feed/feed.js';
import { publish } from '../../src/domain/feed/feeds.js';
import type { PublishedEvent } from '../../src/domain/feed/feeds.js';
import { eventStream } from '../../src/operations/event-stream.js';

const hour = 3_600_000;

/** An event of which only its place and its type matter. */
const eventAt = (position: number, type: FeedEvent['type']): PublishedEvent =>
  publish({ position, type, name: 'line\nbreak' } as FeedEvent);
const wanted = (position: number): PublishedEvent => eventAt(position, 'deployment.failed');
const other = (position: number): PublishedEvent => eventAt(position, 'deployment.updated');
const isWanted = ({ type }: FeedEvent): boolean => type === 'deployment.failed';
const positionAt = (position: number): string =>
  `id: ${position}\nevent: position\ndata: {"position":${position}}\n\n`;

describe('a stream of events', () => {
  /** Reads a stream of these parts to its end. */
  async function textsOf(
    parts: readonly (readonly PublishedEvent[])[],
    { heartbeatMs = hour, lastsMs = hour } = {},
  ): Promise<string[]> {
    const waiting = [...parts];
    const ending = new AbortController();
    const follower = {
      start: 7,
      next: async (forMs: number) => {
        const part = waiting.shift();
        if (part !== undefined && part.length > 0) return Promise.resolve(part);
        if (part === undefined && lastsMs === hour) ending.abort();
        else await new Promise((resolve) => setTimeout(resolve, forMs));
        return [];
      },
    };
    const texts: string[] = [];
    const stream = eventStream(follower, isWanted, lastsMs, ending.signal, heartbeatMs);
    for await (const text of stream) texts.push(text);
    return texts;
  }

  it('says first where it begins, and when to come back: not all at the same time', async () => {
    const [first = ''] = await textsOf([]);
    const [, retry] = /^retry: (\d+)\n\n/.exec(first) ?? [];
    expect(Number(retry)).to.be.within(1_000, 3_000);
    expect(first.replace(/^retry.*\n\n/, '')).to.equal(positionAt(7));
    const others = await Promise.all(Array.from({ length: 20 }, () => textsOf([])));
    expect(new Set(others.map(([text]) => text)).size).to.be.greaterThan(10);
  });

  it('has of each part what is wanted, an event a block of lines', async () => {
    const [, ...texts] = await textsOf([[other(8), wanted(9), wanted(10)], [wanted(11)]]);
    const block = (position: number) =>
      `id: ${position}\nevent: deployment.failed\n` +
      `data: {"position":${position},"type":"deployment.failed","name":"line\\nbreak"}\n\n`;
    expect(texts).to.deep.equal([block(9) + block(10), block(11)]);
  });

  it('says at its end up to where it has looked, unless that is known', async () => {
    expect((await textsOf([[wanted(8)], [other(9)], [other(10)]])).slice(2)).to.deep.equal([
      positionAt(10),
    ]);
    expect(await textsOf([[wanted(8)]])).to.have.length(2);
  });

  it('has a heartbeat when nothing comes, which says up to where it has looked', async () => {
    const silence = Array.from({ length: 10 }, () => []);
    const [, ...texts] = await textsOf([...silence, [other(8)], ...silence], { heartbeatMs: 1 });
    expect(texts).to.include(': heartbeat\n\n');
    expect(texts).to.include(positionAt(8));
    expect(texts.filter((text) => text === positionAt(8))).to.have.length(1);
  });

  it('has an end', async () => {
    const texts = await textsOf([[wanted(8)]], { lastsMs: 20 });
    expect(texts).to.have.length(2);
    expect(await textsOf([[wanted(8)]], { lastsMs: -1 })).to.have.length(1);
  });
});
