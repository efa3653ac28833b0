#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { StartupError } from '../platform/startup-error.js';
import { loadContract } from '../contract/contract.js';
import { createLogger } from '../platform/logging.js';
import { createMockApp } from '../mock/app.js';
import { listen } from '../http/server.js';

const usage = `Usage: deployment-queue-mock [--port PORT]

Serves the contract with its examples, on 127.0.0.1, and checks requests as the service does.

  --port PORT  the port; by default that of the environment variable PORT, or 8000; 0 for any
  --help       shows this

Prefer: code=409, example=transition    asks for another response than success
`;

/** Runs the mock until SIGTERM or SIGINT; the exit code is 2 when the arguments are wrong. */
async function main(): Promise<void> {
  const port = readPort();
  if (port === undefined) return;
  const app = createMockApp(loadContract(), createLogger('warn'));
  const server = await listen(app, '127.0.0.1', port, '--port');
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void server.stop(0));
  }
  console.log(`Mock ${server.url}/v1/deployments · docs ${server.url}/docs`);
}

/** The arguments are wrong. */
class WrongUse extends Error {}

/** The port to listen on; `undefined` when only the usage was asked for. */
function readPort(): number | undefined {
  const { port, help } = readArguments();
  if (help === true) {
    console.log(usage);
    return undefined;
  }
  const { PORT } = process.env;
  const text = port ?? (PORT === undefined || PORT === '' ? '8000' : PORT);
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65535) return Number(text);
  throw new WrongUse(`The port must be a number from 0 to 65535, not ${JSON.stringify(text)}`);
}

function readArguments(): { port?: string | undefined; help?: boolean | undefined } {
  try {
    const options = { port: { type: 'string' }, help: { type: 'boolean' } } as const;
    return parseArgs({ options }).values;
  } catch (error) {
    // It says which argument is wrong.
    throw new WrongUse(error instanceof Error ? error.message : String(error));
  }
}

try {
  await main();
} catch (error) {
  if (error instanceof WrongUse) console.error(`${error.message}\n\n${usage}`);
  else if (error instanceof StartupError) console.error(error.message);
  else throw error;
  process.exitCode = error instanceof WrongUse ? 2 : 1;
}
