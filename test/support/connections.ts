import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** How many files and connections a process may have open at the most; Node takes all that it may. */
export function openFilesLimit(): number {
  try {
    const [, hard] =
      /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return hard === undefined ? Infinity : Number(hard);
  } catch {
    // Not Linux, where a process can be asked no such thing.
    return 1024;
  }
}

/** A connection on which bytes are written as they are. */
export interface RawConnection {
  readonly socket: Socket;
  /** What has come over it, once it is closed; empty when it was reset. */
  readonly closed: Promise<string>;
}

/** Opens a connection. */
export async function openConnection(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  // A connection that is cut is what is tested.
  socket.on('error', () => undefined);
  const closed = once(socket, 'close').then(() => text);
  await once(socket, 'connect');
  return { socket, closed };
}

/** An answer, or the code of the error that there was instead. */
export type Outcome =
  | { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string }
  | { readonly error: string };

/** Sends a request; an error of the connection is an outcome like any other. */
export function ask(
  url: string,
  options: {
    method?: string;
    headers?: Record<string, string>;
    body?: string;
    agent?: Agent;
  } = {},
): Promise<Outcome> {
  const { method = 'GET', headers = {}, body, agent = new Agent() } = options;
  return new Promise((resolve) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      resolve({ error: error.code ?? error.message });
    };
    const sent = request(url, { method, headers, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('error', fail).once('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    sent.once('error', fail).end(body);
  });
}

/** How often each outcome is among them, by status or error. */
export function tallyOutcomes(outcomes: readonly Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) {
    const what = 'error' in outcome ? outcome.error : String(outcome.status);
    counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
}
