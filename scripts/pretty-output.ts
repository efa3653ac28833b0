import { prettyFactory } from 'pino-pretty';
import type { LogOutput } from '../src/platform/log-output.js';

/** The log for people at a terminal: a line a request, the rest as it is logged. */
export function prettyOutput(): LogOutput {
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
