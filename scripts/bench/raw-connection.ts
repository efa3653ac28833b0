import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** Called with the status of an answer once all of it has arrived. */
type Answered = (status: number) => void;

/**
 * A connection that carries one request after another, with next to no work: what it reads goes into one
 * buffer, of which it looks at the status, the length and the amount.
 *
 * Answers must have a Content-Length, and headers that arrive together (they are written with the body).
 */
export class RawConnection {
  readonly #socket: Socket;
  readonly #host: string;
  #answered: Answered | undefined;
  #status = 0;
  /** Bytes that are missing from the answer; `undefined` before its headers. */
  #missing: number | undefined;
  #fail: (error: Error) => void = () => undefined;

  private constructor({ hostname, port, host }: URL) {
    this.#host = host;
    this.#socket = connect({
      host: hostname,
      port: Number(port),
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafe(64 * 1024),
        callback: (length, buffer) => {
          this.#read(Buffer.from(buffer.buffer, buffer.byteOffset, length));
          return true;
        },
      },
    });
    this.#socket.on('error', (error) => {
      this.#fail(error);
    });
    this.#socket.on('close', () => {
      if (this.#answered !== undefined) this.#fail(new Error('The connection was closed'));
    });
  }

  static async open(url: string): Promise<RawConnection> {
    const connection = new RawConnection(new URL(url));
    await once(connection.#socket, 'connect');
    return connection;
  }

  /** Says whom to tell that the connection failed. */
  onFailure(fail: (error: Error) => void): void {
    this.#fail = fail;
  }

  /** Sends a request; the one before must have been answered. */
  send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string,
    answered: Answered,
  ): void {
    this.#answered = answered;
    let head = `${method} ${path} HTTP/1.1\r\nhost: ${this.#host}\r\n`;
    for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
    if (method !== 'GET') head += `content-length: ${Buffer.byteLength(body)}\r\n`;
    this.#socket.write(`${head}\r\n${body}`);
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#missing = (this.#missing ?? this.#readHead(chunk)) - chunk.length;
    if (this.#missing > 0) return;
    const answered = this.#answered;
    this.#missing = undefined;
    this.#answered = undefined;
    answered?.(this.#status);
  }

  /** The length of the answer, headers and body. */
  #readHead(chunk: Buffer): number {
    const end = chunk.indexOf('\r\n\r\n') + 4;
    const head = chunk.toString('latin1', 0, end);
    const [, status, length] =
      /^HTTP\/1\.1 (\d+)[^]*\r\ncontent-length: (\d+)\r\n/i.exec(head) ?? [];
    if (status === undefined) this.#fail(new Error(`It is not an answer: ${head}`));
    this.#status = Number(status);
    return end + Number(length);
  }
}
