import type { TraceParent } from './traceparent.js';

/** The samplers of OpenTelemetry's specification that decide without asking anybody. */
export const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** Where spans go, and which. */
export interface TracingOptions {
  /** The collector's base URL; traces go to `/v1/traces` below it. */
  readonly endpoint: string;
  readonly serviceName: string;
  readonly sampler: (typeof samplers)[number];
  /** Which share of traces the `traceidratio` samplers keep, 0 to 1. */
  readonly ratio: number;
  /** How long the collector may take for what it is sent, tries included, in milliseconds. */
  readonly timeoutMs: number;
}

/** What is known of a request when its span begins. */
export interface TracedRequest {
  readonly method: string;
  /** The contract's path template, if the path has one. */
  readonly template: string | undefined;
  readonly parent: TraceParent | undefined;
}

/** The span of a request. */
export interface RequestSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Does something, now and in all that follows from it, as part of this span. */
  run(work: () => void): void;
  /** Ends the span with the status of the response. */
  end(status: number, aborted: boolean): void;
}

/** Follows requests, and sends what was seen to a collector. */
export interface Tracing {
  request(request: TracedRequest): RequestSpan;
  /** A call as a span of its own, within the one that runs. */
  call<T>(system: string, operation: string, call: () => Promise<T>): Promise<T>;
  /** Sends what is left, and waits for that no longer than `timeoutMs`. */
  stop(timeoutMs: number): Promise<void>;
}
