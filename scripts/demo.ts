/**
 * Starts the service with an invented week in it, for whoever wants to see it: a store of its own that is gone with it,
 * authentication off, loopback only, whatever the environment says otherwise.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { takeStopSignals } from '../src/platform/stop-signals.js';
import { organisation } from './demo/cast.js';
import { seedDemo } from './demo/seed.js';
import { prettyOutput } from './pretty-output.js';

const signals = takeStopSignals(() => process.exit(0));
const folder = mkdtempSync(join(tmpdir(), 'deployment-queue-demo-'));
process.on('exit', () => {
  rmSync(folder, { recursive: true, force: true });
});
const path = join(folder, 'demo.db');
await seedDemo(path);

Object.assign(process.env, {
  STORE: 'sqlite',
  SQLITE_PATH: path,
  AUTH_ENABLED: 'false',
  DEMO: 'true',
  DEV_ORGANISATION: organisation,
  HOST: '127.0.0.1',
  MANAGEMENT_HOST: '127.0.0.1',
});
const { start } = await import('../src/commands/start.js');
await start(signals, process.stdout.isTTY ? prettyOutput() : undefined);
