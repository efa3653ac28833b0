import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The SQLite file that a contestant serves from: its first argument. */
export function pathOf(): string {
  const [, , path] = process.argv;
  if (path === undefined) throw new Error('Name the SQLite file');
  return path;
}

/** The tenant that a request names; the contestants believe it. */
export function organisationOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  return String(headers['x-organisation']);
}

/** Tells the benchmark where a contestant listens. */
export function announce(server: Server): void {
  server.once('listening', () => {
    console.log(`listening http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
}
