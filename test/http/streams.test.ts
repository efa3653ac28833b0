import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import express from 'express';
import type { Response } from 'express';
import { loadContract } from '../../src/contract/contract.js';
import type { AnyResponse } from '../../src/http/handlers.js';
import { boundMemory } from '../../src/http/memory.js';
import { createResponseWriter } from '../../src/http/response.js';
import { listen } from '../../src/http/server.js';
import type { RunningServer } from '../../src/http/server.js';
import { createValidation } from '../../src/http/validation.js';
import { createLogger } from '../../src/platform/logging.js';

describe('a response without JSON', () => {
  const faults: string[] = [];
  let server: RunningServer;
  let respond: () => AnyResponse;

  beforeEach(async () => {
    faults.splice(0);
    const contract = loadContract();
    const write = createResponseWriter(
      createValidation(contract),
      boundMemory({ requestRefused: () => undefined }),
    );
    const [operation] = contract.operations;
    if (operation === undefined) throw new Error('The contract has no operation');
    const app = express();
    app.use((_req, res: Response) => {
      res.locals.requestId = 'the-id';
      res.locals.log = createLogger('error', { write: (line: string) => void faults.push(line) });
      write(res, operation, respond());
    });
    server = await listen(app, '127.0.0.1', 0, 'API_PORT');
  });
  afterEach(async () => {
    await server.stop(0);
  });

  it('may be empty', async () => {
    respond = () => ({ status: 204, headers: { ETag: '"1"' } });
    const response = await fetch(server.url);
    expect(response.status).to.equal(204);
    expect(await response.text()).to.equal('');
    expect(response.headers.get('content-type')).to.equal(null);
    expect(response.headers.get('etag')).to.equal('"1"');
    expect(response.headers.get('x-request-id')).to.equal('the-id');
    expect(response.headers.get('x-content-type-options')).to.equal('nosniff');
  });

  it('may be a stream, whose events come one by one', async () => {
    let next: () => void = () => undefined;
    const stream = async function* () {
      yield 'data: 1\n\n';
      await new Promise<void>((resolve) => (next = resolve));
      yield 'data: 2\n\n';
    };
    respond = () => ({ status: 200, headers: {}, stream });
    const response = await fetch(server.url);
    expect(response.headers.get('content-type')).to.equal('text/event-stream');
    expect(response.headers.get('cache-control')).to.equal('private, no-store');
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).to.equal('data: 1\n\n');
    next();
    expect((await reader?.read())?.value).to.equal('data: 2\n\n');
    expect((await reader?.read())?.done).to.equal(true);
    expect(faults).to.deep.equal([]);
  });

  /** A stream without an end of its own; resolves once it has ended all the same. */
  function endless() {
    let ended: () => void = () => undefined;
    const end = new Promise<void>((resolve) => (ended = resolve));
    const stream = async function* (signal: AbortSignal) {
      try {
        while (!signal.aborted) {
          yield ': still there\n\n';
          await sleep(5, undefined, { signal }).catch(() => undefined);
        }
        yield 'event: end\ndata:\n\n';
      } finally {
        ended();
      }
    };
    return { stream, end };
  }

  it('ends when its reader leaves, without a fault', async () => {
    const { stream, end } = endless();
    respond = () => ({ status: 200, headers: {}, stream });
    const leaving = new AbortController();
    await fetch(server.url, { signal: leaving.signal });
    leaving.abort();
    await end;
    expect(faults).to.deep.equal([]);
  });

  it('ends in an orderly way when the server stops, which does not wait for more of it', async () => {
    const { stream } = endless();
    respond = () => ({ status: 200, headers: {}, stream });
    const response = await fetch(server.url);
    const text = response.text();
    const started = performance.now();
    expect(await server.stop(60_000)).to.equal(true);
    expect(performance.now() - started).to.be.below(30_000);
    expect(await text).to.match(/: still there\n\nevent: end\ndata:\n\n$/);
  });

  it('that fails breaks off, and is logged', async () => {
    const stream = async function* () {
      yield 'data: 1\n\n';
      await Promise.reject(new Error('the feed is gone'));
    };
    respond = () => ({ status: 200, headers: {}, stream });
    const error = await fetch(server.url)
      .then((response) => response.text())
      .catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(Error);
    expect(faults.join()).to.include('the feed is gone');
  });
});
