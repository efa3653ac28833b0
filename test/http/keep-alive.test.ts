import { once } from 'node:events';
import { expect } from 'chai';
import { openConnection } from '../support/connections.js';
import { runEdge } from '../support/edge.js';

describe('a connection that is kept alive', () => {
  const keptForMs = 100;
  const edge = runEdge({ HTTP_KEEP_ALIVE_TIMEOUT_MS: String(keptForMs) });
  const request = 'GET /v1/deployments HTTP/1.1\r\nHost: x\r\n\r\n';

  it('is answered what came in time, though the service was too busy to read it', async () => {
    const { socket, closed } = await openConnection(edge.url);
    socket.write(request);
    await once(socket, 'data');
    socket.write(request);
    // Node keeps a connection for a second more than it is told to.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, keptForMs + 1_500);
    const [answer] = (await Promise.race([once(socket, 'data'), closed])) as [Buffer | string];
    expect(String(answer)).to.match(/^HTTP\/1.1 200 OK\r\n/);
    socket.destroy();
  });

  it('ends when nothing comes', async () => {
    const { socket, closed } = await openConnection(edge.url);
    socket.write(request);
    expect(await closed).to.match(/^HTTP\/1.1 200 OK\r\n/);
    expect(socket.errored).to.equal(null);
  });
});
