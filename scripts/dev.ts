/**
 * Starts the service for a newcomer: embedded store, authentication off, loopback only, whatever
 * the environment says otherwise. At a terminal its log is for people.
 */
import { prettyFactory } from 'pino-pretty';
import { takeStopSignals } from '../src/platform/stop-signals.js';
import type { LogOutput } from '../src/platform/log-output.js';

Object.assign(process.env, {
  STORE: 'sqlite',
  AUTH_ENABLED: 'false',
  DEMO: 'false',
  HOST: '127.0.0.1',
  MANAGEMENT_HOST: '127.0.0.1',
});

/** A line a request, the rest as it is logged. */
function prettyOutput(): LogOutput {
  const prettify = prettyFactory({
    colorize: true,
    translateTime: 'SYS:HH:MM:ss',
    singleLine: true,
    ignore: 'requestId,traceId,spanId,path,method,status,durationMs,operationId,organisation',
    messageFormat: (log, messageKey) => {
      const { method, path, status, durationMs } = log;
      const message = String(log[messageKey]);
      return message === 'request'
        ? `${String(method)} ${String(path)} ${String(status)} ${String(durationMs)} ms`
        : message;
    },
  });
  return {
    write(line) {
      process.stdout.write(prettify(line));
    },
    flush: () => Promise.resolve(true),
  };
}

const signals = takeStopSignals(() => process.exit(0));
const { start } = await import('../src/start.js');
await start(signals, process.stdout.isTTY ? prettyOutput() : undefined);
