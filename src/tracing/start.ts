import type { Logger } from '../platform/logging.js';
import type { TracingSettings } from '../settings/tracing.js';
import type { Tracing } from './tracing.js';

/**
 * Starts to trace, with OpenTelemetry. It is loaded here, and only when a collector is named.
 *
 * @param version of the service
 */
export async function startTracing(
  settings: TracingSettings | undefined,
  version: string,
  log: Pick<Logger, 'warn'>,
): Promise<Tracing | undefined> {
  if (settings === undefined) return undefined;
  const { startOpenTelemetry } = await import('./open-telemetry.js');
  return startOpenTelemetry(settings, version, log);
}
