import { Counter, Gauge, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import type { HttpMetrics, RefusalMetrics } from '../http/metrics.js';

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Methods with a label of their own; others, which a caller may choose freely, share one. */
const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS']);

/** Counts requests to the API. */
export function createHttpMetrics(registers: Registry[]): HttpMetrics {
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests that were answered',
    labelNames: ['method', 'endpoint', 'status_code'] as const,
    registers,
  });
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request to the end of its response',
    labelNames: ['method', 'endpoint'] as const,
    buckets,
    registers,
  });
  // A number of our own: every request changes it twice, and it is read once in a while.
  let inFlight = 0;
  new Gauge({
    name: 'http_requests_in_flight',
    help: 'Requests that are being answered now',
    registers,
    collect() {
      this.set(inFlight);
    },
  });

  return {
    httpRequestStarted() {
      inFlight += 1;
    },
    httpRequest(method, endpoint, statusCode, seconds) {
      const label = knownMethods.has(method) ? method : 'OTHER';
      inFlight -= 1;
      requests.inc({ method: label, endpoint, status_code: statusCode });
      duration.observe({ method: label, endpoint }, seconds);
    },
  };
}

/** Counts what is refused to protect the service. */
export function createRefusalMetrics(registers: Registry[]): RefusalMetrics {
  const refused = new Counter({
    name: 'requests_refused_total',
    help: 'Requests and connections that were refused to protect the service, by reason',
    labelNames: ['reason'] as const,
    registers,
  });
  return {
    requestRefused(reason) {
      refused.inc({ reason });
    },
  };
}
