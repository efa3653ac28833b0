import { Agent, request } from 'node:http';
import type { BenchServer } from './servers.js';

/** What a claim got. */
export interface Claim {
  readonly deployment: { readonly id: string };
  readonly lease?: { readonly token: string };
}

const agent = new Agent({ keepAlive: true });

/** Calls a service; fails unless it answers with success. */
export function call<Body>(
  server: BenchServer,
  method: string,
  path: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<Body> {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    const sent = request(`${server.url}/v1${path}`, {
      agent,
      method,
      headers: {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(text),
        ...headers,
      },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      response.setEncoding('utf8');
      response.toArray().then((chunks) => {
        const { statusCode = 0 } = response;
        if (statusCode >= 300)
          reject(new Error(`${method} ${path}: ${statusCode} ${chunks.join('')}`));
        else resolve(JSON.parse(chunks.join('')) as Body);
      }, reject);
    });
    sent.end(text);
  });
}

/** Registers a deployment that is started by a claim alone; its id. */
export async function register(
  server: BenchServer,
  name: string,
  environment = 'production',
): Promise<string> {
  const body = { name, version: '1', environment, provider: 'gcp', type: 'k8s' };
  return (await call<{ id: string }>(server, 'POST', '/deployments', { ...body, auto: false })).id;
}

/** Claims until it has the lease, as clients do. */
export async function claimed(server: BenchServer, id: string): Promise<Claim> {
  for (;;) {
    const claim = await call<Claim>(server, 'POST', `/deployments/${id}/claim`, {
      wait_seconds: 60,
      lease_seconds: 600,
    });
    if (claim.lease !== undefined) return claim;
  }
}

/** Reports that a claim's deployment is deployed. */
export function report(server: BenchServer, { deployment, lease }: Claim): Promise<unknown> {
  return call(
    server,
    'PATCH',
    `/deployments/${deployment.id}`,
    { status: 'deployed' },
    {
      'Lease-Token': lease?.token ?? '',
    },
  );
}

/** Ends the connections that calls leave open. */
export function hangUp(): void {
  agent.destroy();
}
