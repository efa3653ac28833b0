import { authenticationOff } from '../../src/auth/authenticate.js';
import { loadContract } from '../../src/contract/contract.js';
import type { Contract } from '../../src/contract/contract.js';
import { createContractApp } from '../../src/http/app.js';
import { boundMemory } from '../../src/http/memory.js';
import { createResponseWriter } from '../../src/http/response.js';
import { listen } from '../../src/http/server.js';
import type { RunningServer } from '../../src/http/server.js';
import { createValidation } from '../../src/http/validation.js';
import type { CheckedRequest } from '../../src/http/validation.js';
import { describedResponses } from '../../src/mock/examples.js';
import { createLogger } from '../../src/platform/logging.js';
import { readSettings } from '../../src/settings/settings.js';

/** The service's edge: everything but the operations, which respond with the contract's examples. */
export interface Edge {
  readonly url: string;
  readonly contract: Contract;
  /** What the operations were asked, as they saw it; emptied for each test. */
  readonly asked: (CheckedRequest & { readonly operationId: string })[];
}

/** The entity tag of every deployment there. */
export const edgeTag = '"1-mk9m2qxc"';

/**
 * Runs the edge of the service around the tests of a suite, with authentication off: what reaches an
 * operation is seen here as the operation would see it, whatever it would make of it.
 *
 * @param environment settings that differ
 */
export function runEdge(environment: Record<string, string> = {}): Edge {
  const contract = loadContract();
  const asked: Edge['asked'] = [];
  let server: RunningServer | undefined;

  before(async () => {
    const { http } = readSettings({
      AUTH_ENABLED: 'false',
      RATE_LIMIT_PER_SECOND: '0',
      ...environment,
    });
    const validation = createValidation(contract, http);
    const ignore = () => undefined;
    const write = createResponseWriter(validation, boundMemory({ requestRefused: ignore }));
    const responses = describedResponses(contract);
    const app = createContractApp(
      {
        contract,
        authenticate: authenticationOff('acme'),
        metrics: { httpRequestStarted: ignore, httpRequest: ignore, requestRefused: ignore },
        logger: createLogger('silent'),
        ...http,
      },
      validation,
      ({ operationId }, request, _caller, res) => {
        asked.push({ operationId, ...request });
        const described = [...(responses.get(operationId)?.values() ?? [])];
        const success = described.find(({ status }) => status < 300);
        const [body] = success?.bodies.values() ?? [];
        const operation = contract.operations.find((each) => each.operationId === operationId);
        if (success === undefined || operation === undefined)
          throw new Error('not in the contract');
        write(res, operation, { status: success.status, headers: success.headers, body });
      },
    );
    const guard = { limits: http.connections, count: ignore, note: ignore };
    server = await listen(app, '127.0.0.1', 0, 'API_PORT', guard);
  });
  beforeEach(() => {
    asked.splice(0);
  });
  after(async () => {
    await server?.stop(0);
    server = undefined;
  });
  return {
    get url() {
      if (server === undefined) throw new Error('The edge does not run outside of a test');
      return server.url;
    },
    contract,
    asked,
  };
}
