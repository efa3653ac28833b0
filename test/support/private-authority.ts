import { writeFile } from 'node:fs/promises';
import { request as forward } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** An authority that no program knows unless it is told to. */
export interface PrivateAuthority {
  /** The file with its certificate, for `NODE_EXTRA_CA_CERTS`. */
  readonly file: string;
  /** Makes a key, and a certificate for a name. */
  issue(host: string): Promise<{ readonly key: string; readonly cert: string }>;
  /** Puts https, under a name, in front of a server that speaks http. */
  terminate(host: string, target: string): Promise<TlsServer>;
}

export interface TlsServer {
  /** Where it listens: `https://127.0.0.1:PORT`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Makes an authority. */
export async function createAuthority(folder: string): Promise<PrivateAuthority> {
  const ca = await generate([{ name: 'commonName', value: 'Private Authority' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const file = join(folder, 'authority.pem');
  await writeFile(file, ca.cert);
  const issue: PrivateAuthority['issue'] = async (host) => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: host }], {
      keyType: 'ec',
      algorithm: 'sha256',
      ca: { key: ca.private, cert: ca.cert },
    });
    return { key, cert };
  };
  return {
    file,
    issue,
    async terminate(host, target) {
      const { key, cert } = await issue(host);
      const server = createServer({ key, cert }, (request, response) => {
        const { method, url = '', headers } = request;
        const outgoing = forward(new URL(url, target), { method, headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        });
        outgoing.on('error', () => response.destroy());
        request.pipe(outgoing);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      return {
        url: `https://127.0.0.1:${port}`,
        async stop() {
          const closed = new Promise((resolve) => server.close(resolve));
          server.closeAllConnections();
          await closed;
        },
      };
    },
  };
}
