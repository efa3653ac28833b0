import type { TraceParent } from './traceparent.js';

/** What is known of a request when its span begins. */
export interface TracedRequest {
  readonly method: string;
  /** The contract's path template, if the path has one. */
  readonly template: string | undefined;
  readonly parent: TraceParent | undefined;
  /** `tracestate` as it was sent. */
  readonly state: string | undefined;
}

/** The span of a request. */
export interface RequestSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Does something, now and in all that follows from it, as part of this span. */
  run(work: () => void): void;
  /** Ends the span with what was answered. */
  end(status: number, aborted: boolean): void;
}

/** Follows requests, and sends what was seen to a collector. */
export interface Tracing {
  request(request: TracedRequest): RequestSpan;
  /** A call as a span of its own, within the one that runs. */
  call<T>(system: string, operation: string, call: () => Promise<T>): Promise<T>;
  /** Sends what is left, and waits for that no longer than it may. */
  stop(timeoutMs: number): Promise<void>;
}
