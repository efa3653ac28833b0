import type { Logger } from '../platform/logging.js';
import type { Tracing, TracingOptions } from './tracing.js';

/**
 * Starts to trace, with OpenTelemetry. It is loaded here, and only when a collector is named.
 *
 * @param version of the service
 */
export async function startTracing(
  options: TracingOptions | undefined,
  version: string,
  log: Pick<Logger, 'warn'>,
): Promise<Tracing | undefined> {
  if (options === undefined) return undefined;
  const { startOpenTelemetry } = await import('./open-telemetry.js');
  return startOpenTelemetry(options, version, log);
}
