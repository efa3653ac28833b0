import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import type { Attributes, Context, Span } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Sampler, SpanExporter } from '@opentelemetry/sdk-trace';
import { ApplicationError } from '../domain/errors.js';
import { withDeadline } from '../platform/deadline.js';
import type { Logger } from '../platform/logging.js';
import { createTokenBucket } from '../platform/token-bucket.js';
import type { RequestSpan, TracedRequest, Tracing, TracingOptions } from './tracing.js';

/** How long spans are gathered before they are sent, in milliseconds. */
const gatherMs = 1_000;
/** How often it is logged that spans are lost, in milliseconds. */
const logEveryMs = 60_000;

/** Methods that have a name of their own in a span; any other is `_OTHER`. */
const methods = new Set(['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']);

/**
 * Traces with OpenTelemetry, by its semantic conventions for HTTP
 * (https://opentelemetry.io/docs/specs/semconv/http/http-spans/) and databases. Nothing is registered
 * globally, so that several services can run in one process.
 */
export function startOpenTelemetry(
  options: TracingOptions,
  version: string,
  log: Pick<Logger, 'warn'>,
): Tracing {
  const exporter = new OTLPTraceExporter({
    url: `${options.endpoint}/v1/traces`,
    timeoutMillis: options.timeoutMs,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': options.serviceName,
      'service.version': version,
    }),
    sampler: samplerOf(options),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: logFailures(exporter, log),
        scheduledDelayMillis: gatherMs,
        exportTimeoutMillis: options.timeoutMs,
      }),
    ],
  });
  const tracer = provider.getTracer('deployment-queue-api', version);
  const current = new AsyncLocalStorage<Context>();

  return {
    request(request) {
      const method = methods.has(request.method) ? request.method : '_OTHER';
      const verb = method === '_OTHER' ? 'HTTP' : method;
      const { template } = request;
      const parent = parentOf(request);
      const span = tracer.startSpan(
        template === undefined ? verb : `${verb} ${template}`,
        {
          kind: SpanKind.SERVER,
          attributes: {
            'http.request.method': method,
            'url.scheme': 'http',
            ...(template !== undefined && { 'http.route': template }),
          },
        },
        parent,
      );
      return requestSpan(span, (work) => {
        current.run(trace.setSpan(parent, span), work);
      });
    },

    async call(system, operation, call) {
      const within = current.getStore();
      // A probe of readiness, or what the service does by itself, belongs to no request.
      if (within === undefined) return call();
      const attributes: Attributes = { 'db.system.name': system, 'db.operation.name': operation };
      const span = tracer.startSpan(
        `db ${operation}`,
        { kind: SpanKind.CLIENT, attributes },
        within,
      );
      try {
        return await current.run(trace.setSpan(within, span), call);
      } catch (error) {
        // The store has not failed when the domain refuses a request.
        const refused = error instanceof ApplicationError && error.code !== 'unavailable';
        if (!refused) fail(span, error instanceof ApplicationError ? error.code : nameOf(error));
        throw error;
      } finally {
        span.end();
      }
    },

    async stop(timeoutMs) {
      // A collector that does not respond is in the log already.
      const sent = provider.shutdown().catch(() => undefined);
      await withDeadline(sent, timeoutMs, () => undefined);
    },
  };
}

function requestSpan(span: Span, run: RequestSpan['run']): RequestSpan {
  const { traceId, spanId } = span.spanContext();
  return {
    traceId,
    spanId,
    run,
    end(status, aborted) {
      span.setAttribute('http.response.status_code', status);
      if (aborted) fail(span, 'aborted');
      else if (status >= 500) fail(span, String(status));
      span.end();
    },
  };
}

function fail(span: Span, type: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

/**
 * What the caller said of its trace. `tracestate` and `baggage` stay behind: they are free text, which may be a
 * token by mistake, for those whom a request is passed on to, and the service passes none on.
 */
function parentOf({ parent }: TracedRequest): Context {
  if (parent === undefined) return ROOT_CONTEXT;
  const { traceId, spanId, sampled } = parent;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
  });
}

function samplerOf({ sampler, ratio }: TracingOptions): Sampler {
  const byParent = (root: Sampler) => new ParentBasedSampler({ root });
  switch (sampler) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratio);
    case 'parentbased_always_on':
      return byParent(new AlwaysOnSampler());
    case 'parentbased_always_off':
      return byParent(new AlwaysOffSampler());
    case 'parentbased_traceidratio':
      return byParent(new TraceIdRatioBasedSampler(ratio));
  }
}

/** Logs that spans are lost, though not each time. */
function logFailures(exporter: SpanExporter, log: Pick<Logger, 'warn'>): SpanExporter {
  const mayLog = createTokenBucket(1, logEveryMs);
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        if (result.error !== undefined && mayLog.take()) {
          log.warn({ reason: result.error.message, spans: spans.length }, 'traces not delivered');
        }
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}
