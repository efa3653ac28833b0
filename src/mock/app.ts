import type { RequestListener } from 'node:http';
import { createContractApp } from '../http/app.js';
import { createValidation } from '../http/validation.js';
import { createAuthentication } from '../auth/authenticate.js';
import { limitFailures } from '../auth/failure-limit.js';
import { createPatVerifier } from '../auth/pat/verify.js';
import type { Contract } from '../contract/contract.js';
import { limitLines } from '../platform/line-limit.js';
import type { Logger } from '../platform/logging.js';
import { readSettings } from '../settings/settings.js';
import { respondWithExamples } from './respond.js';

/**
 * The API without its operations: requests pass through everything that the service's do, and those
 * that keep the contract get its examples. Any token will do, of a kind that the
 * service takes; nothing is stored.
 */
export function createMockApp(contract: Contract, logger: Logger): RequestListener {
  const authenticate = createAuthentication({
    oidc: (_token, named) =>
      Promise.resolve({
        owner: { id: '1', login: named()?.login ?? 'acme' },
        actor: 'octocat',
        repository: 'acme/checkout',
        workflow: 'release',
        source: 'oidc',
      }),
    pat: createPatVerifier((_token, login) =>
      Promise.resolve({
        kind: 'member',
        login: 'octocat',
        owner: { id: '1', login },
        role: 'member',
      }),
    ),
    tenants: {
      requireServed: () => Promise.resolve(),
      find: ({ id, login }) =>
        Promise.resolve({ ownerId: id, organisation: login, login, firstSeenAt: '' }),
    },
    failures: limitFailures(0, { requestRefused: () => undefined }),
    metrics: { authRequest: () => undefined },
    limitLines: limitLines(logger, 20),
  });
  // What the service takes unless it is told otherwise.
  const { bodyLimitBytes } = readSettings({ AUTH_ENABLED: 'false' }).http;
  const ignore = () => undefined;
  const metrics = { httpRequestStarted: ignore, httpRequest: ignore, requestRefused: ignore };
  const parts = { contract, authenticate, metrics, logger, bodyLimitBytes };
  const validation = createValidation(contract);
  return createContractApp(parts, validation, respondWithExamples(contract, validation));
}
