import { Verifier } from '@pact-foundation/pact';
import { pactFile, provider } from './pacts.js';
import type { Consumer } from './pacts.js';
import type { ProviderStates } from './provider-states.js';

/**
 * Verifies that the service keeps a consumer's pact.
 *
 * @param url where the service answers
 * @throws Error when it does not
 */
export async function verifyPact(
  consumer: Consumer,
  url: string,
  states: ProviderStates,
): Promise<void> {
  await new Verifier({
    provider,
    providerBaseUrl: url,
    pactUrls: [pactFile(consumer)],
    stateHandlers: states.handlers(),
    requestFilter: (req, _res, next) => {
      req.headers.authorization = `Bearer ${states.token}`;
      // The verifier's own proxy would announce a body in chunks for a POST that has none.
      if (req.method === 'POST') req.headers['content-length'] ??= '0';
      next();
    },
    logLevel: 'error',
  }).verifyProvider();
}
