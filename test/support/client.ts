import { createClient, noCredentials } from '../../src/client/client.js';
import type { ClientOptions, DeploymentQueueClient } from '../../src/client/client.js';
import { startGateway } from './gateway.js';
import type { Gateway } from './gateway.js';
import { runService } from './http.js';
import type { Running } from './http.js';

/** A service, a gateway before it, and clients that go through it. */
export interface ThroughGateway {
  readonly running: Running;
  /** A new one for each test. */
  readonly gateway: Gateway;
  /** A client of the test's tenant that waits a few milliseconds between tries. */
  client(options?: Partial<ClientOptions>): DeploymentQueueClient;
}

/** Runs a service around a suite, and a gateway around each of its tests. */
export function runBehindGateway(): ThroughGateway {
  const running = runService();
  let gateway: Gateway | undefined;
  beforeEach(async () => {
    gateway = await startGateway(running.service.apiUrl);
  });
  afterEach(() => gateway?.stop());
  const present = (): Gateway => {
    if (gateway === undefined) throw new Error('There is no gateway outside of a test');
    return gateway;
  };
  return {
    running,
    get gateway() {
      return present();
    },
    client: (options = {}) =>
      createClient({
        url: present().url,
        credentials: noCredentials(running.tenant.organisation),
        ...options,
        retry: { minDelayMs: 1, maxDelayMs: 5, ...options.retry },
      }),
  };
}

/** What a promise is rejected with, of the class that is expected. */
export async function rejection<T extends Error>(
  promise: Promise<unknown>,
  expected: abstract new (...parameters: never[]) => T,
): Promise<T> {
  const outcome: unknown = await promise.then(
    () => new Error('it succeeded'),
    (error: unknown) => error,
  );
  if (outcome instanceof expected) return outcome;
  throw new Error(`Not a ${expected.name}`, { cause: outcome });
}
