import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import type { Random } from './random.js';

/** Where a connection is cut. */
export type Cut = 'in the request' | 'after the request' | 'in the answer';
const cuts: readonly Cut[] = ['in the request', 'after the request', 'in the answer'];

/** A proxy that cuts a third of its connections, each of which carries one request. */
export interface CuttingProxy {
  readonly url: string;
  readonly connections: number;
  /** How many connections were cut at each point. */
  readonly cut: Readonly<Record<Cut, number>>;
  stop(): Promise<void>;
}

/**
 * Starts a proxy that works on bytes: a cut is a TCP reset, anywhere in the request, behind it, or
 * anywhere in the answer.
 *
 * @param target the address of the service
 * @param random decides which connections are cut, and where
 */
export async function startCuttingProxy(target: string, random: Random): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  const cut: Record<Cut, number> = {
    'in the request': 0,
    'after the request': 0,
    'in the answer': 0,
  };
  let connections = 0;

  const carry = async (client: Socket): Promise<void> => {
    const request = await readRequest(client);
    connections += 1;
    const where = random.next() < 1 / 3 ? random.pick(cuts) : undefined;
    const service = connect(Number(port), hostname);
    open.add(service);
    service.on('error', () => undefined).once('close', () => open.delete(service));
    if (where !== undefined) cut[where] += 1;

    if (where === 'in the request') {
      service.write(request.subarray(0, Math.floor(random.next() * request.length)));
      // The service gets what was sent before it learns that no more will come.
      await new Promise((resolve) => setImmediate(resolve));
      service.resetAndDestroy();
      client.resetAndDestroy();
      return;
    }
    service.write(request);
    if (where === 'after the request') {
      // With the service at work, or already done.
      if (random.next() < 0.5) await readToEnd(service);
      client.resetAndDestroy();
      return;
    }
    const answer = await readToEnd(service);
    if (where === undefined) {
      client.end(answer);
      return;
    }
    client.write(answer.subarray(0, Math.floor(random.next() * answer.length)));
    await new Promise((resolve) => setImmediate(resolve));
    client.resetAndDestroy();
  };

  const server = createServer((client) => {
    open.add(client);
    client.on('error', () => undefined).once('close', () => open.delete(client));
    carry(client).catch(() => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP');
  return {
    url: `http://127.0.0.1:${address.port}`,
    get connections() {
      return connections;
    },
    cut,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of open) socket.destroy();
      }),
  };
}

/** A whole request, which asks for the connection to be closed behind its answer. */
async function readRequest(socket: Socket): Promise<Buffer> {
  let read = Buffer.alloc(0);
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    read = Buffer.concat([read, chunk as Buffer]);
    const end = read.indexOf('\r\n\r\n');
    if (end === -1) continue;
    const head = read.subarray(0, end).toString('latin1');
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
    if (read.length < end + 4 + length) continue;
    const closing = head.replace(/^connection: .*$/im, 'Connection: close');
    return Buffer.concat([Buffer.from(closing, 'latin1'), read.subarray(end)]);
  }
  throw new Error('The request did not arrive whole');
}

async function readToEnd(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
