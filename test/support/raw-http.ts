import { once } from 'node:events';
import { connect } from 'node:net';

/** An answer as it came over the wire. */
export interface RawResponse {
  readonly status: number;
  /** Status line and headers. */
  readonly head: string;
  readonly body: string;
}

/**
 * Sends a request as it stands, also with what no HTTP client would send.
 *
 * @param lines request line and headers without the line breaks; `Host` and `Connection: close` are
 *   added. Latin-1, as headers are on the wire.
 */
export async function sendRaw(url: string, lines: readonly string[]): Promise<RawResponse> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const request = [...lines, 'Host: localhost', 'Connection: close', '', ''].join('\r\n');
  socket.write(Buffer.from(request, 'latin1'));
  await once(socket, 'close');
  return parseRaw(Buffer.concat(chunks).toString('latin1'));
}

/** Takes an answer apart; of several, the first. */
export function parseRaw(text: string): RawResponse {
  const [head = '', body = ''] = text.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head, body };
}
