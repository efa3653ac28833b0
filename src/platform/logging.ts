import { pino } from 'pino';
import type { DestinationStream } from 'pino';
import { ApplicationError } from '../domain/errors.js';
import { gatherLines } from './log-output.js';
import type { LogOutput } from './log-output.js';

/** How much is logged. */
export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Writes structured log lines. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  fatal(fields: object, message: string): void;
  /** A logger that adds these fields to every line. */
  child(fields: Record<string, unknown>): Logger;
}

/**
 * A logger that writes one JSON object a line.
 *
 * @param destination where to; standard output by default
 * @param base fields of every line
 */
export function createLogger(
  level: LogLevel,
  destination?: DestinationStream,
  base: Record<string, unknown> | null = null,
): Logger {
  const options = {
    level,
    base,
    timestamp: createTimestamp(),
    serializers: { err: describeError },
  };
  return pino(options, destination ?? standardOutput());
}

/** The field of a line that says when, as pino wants it; written out once for the lines of a millisecond. */
function createTimestamp(): () => string {
  let written = NaN;
  let field = '';
  return () => {
    const now = Date.now();
    if (now !== written) field = `,"time":"${new Date(now).toISOString()}"`;
    written = now;
    return field;
  };
}

let output: LogOutput | undefined;

/** Standard output of this process, as all loggers share it. */
export function standardOutput(): LogOutput {
  output ??= gatherLines(process.stdout, (lines) => {
    createLogger('warn').warn({ lines }, 'lines of the log were lost: nobody read them in time');
  });
  return output;
}

/**
 * An error for the log. A stack tells where a fault of this service is; of a caller's fault, or a store or a
 * GitHub out of reach, which is one line for each request, it tells nothing.
 */
function describeError(error: unknown): unknown {
  if (!(error instanceof ApplicationError))
    return error instanceof Error ? pino.stdSerializers.err(error) : error;
  return { type: error.name, code: error.code, message: reasonOf(error) };
}

/** How many errors that lie behind one another are told. */
const maxCauses = 4;

/** Why something failed, in a sentence for the log: the messages of an error and of what lies behind it. */
export function reasonOf(error: unknown, most = maxCauses): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  return cause === undefined || most === 1 ? message : `${message}: ${reasonOf(cause, most - 1)}`;
}

/** Adds the same fields to every line, and costs nothing until the first: most requests write none. */
class LazyLogger implements Logger {
  readonly #parent: Logger;
  readonly #fields: Record<string, unknown>;
  #made: Logger | undefined;

  constructor(parent: Logger, fields: Record<string, unknown>) {
    this.#parent = parent;
    this.#fields = fields;
  }

  get #own(): Logger {
    return (this.#made ??= this.#parent.child(this.#fields));
  }

  debug(fields: object, message: string): void {
    this.#own.debug(fields, message);
  }

  info(fields: object, message: string): void {
    this.#own.info(fields, message);
  }

  warn(fields: object, message: string): void {
    this.#own.warn(fields, message);
  }

  error(fields: object, message: string): void {
    this.#own.error(fields, message);
  }

  fatal(fields: object, message: string): void {
    this.#own.fatal(fields, message);
  }

  child(fields: Record<string, unknown>): Logger {
    return this.#own.child(fields);
  }
}

/** A logger that adds these fields to every line, made when it is first used. */
export function lazyChild(parent: Logger, fields: Record<string, unknown>): Logger {
  return new LazyLogger(parent, fields);
}
