/**
 * Starts the service for a newcomer: embedded store, authentication off, loopback only, whatever
 * the environment says otherwise. At a terminal its log is for people.
 */
import { takeStopSignals } from '../src/platform/stop-signals.js';
import { prettyOutput } from './pretty-output.js';

Object.assign(process.env, {
  STORE: 'sqlite',
  AUTH_ENABLED: 'false',
  DEMO: 'false',
  HOST: '127.0.0.1',
  MANAGEMENT_HOST: '127.0.0.1',
});

const signals = takeStopSignals(() => process.exit(0));
const { start } = await import('../src/commands/start.js');
await start(signals, process.stdout.isTTY ? prettyOutput() : undefined);
