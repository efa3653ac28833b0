import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { HttpMetrics } from './api/request-log.js';
import type { RefusalMetrics } from './api/refusal-metrics.js';
import type { AuthMetrics } from './auth/authenticate.js';
import type { DeploymentMetrics } from './operations/operation.js';
import { holdsToken } from './secrets.js';
import type { StoreMetrics } from './store/timed.js';

/** All that the service counts, and how Prometheus reads it. */
export interface Metrics
  extends DeploymentMetrics, HttpMetrics, StoreMetrics, AuthMetrics, RefusalMetrics {
  readonly contentType: string;
  /** In Prometheus's text format. */
  render(): Promise<string>;
}

const requestBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const queryBuckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

/**
 * Metrics in a registry of their own, so that several services can run in one process.
 *
 * @param version of the service, for `deployment_queue_info`
 */
export function createMetrics(version: string): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const httpRequests = new Counter({
    name: 'http_requests_total',
    help: 'Requests that were answered',
    labelNames: ['method', 'endpoint', 'status_code'] as const,
    registers,
  });
  const httpDuration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request to the end of its answer',
    labelNames: ['method', 'endpoint'] as const,
    buckets: requestBuckets,
    registers,
  });
  const created = new Counter({
    name: 'deployments_created_total',
    help: 'Deployments that were registered, rollbacks included',
    labelNames: ['organisation', 'provider', 'environment', 'trigger'] as const,
    registers,
  });
  const updated = new Counter({
    name: 'deployments_updated_total',
    help: 'Deployments that a caller changed, by the status they then had',
    labelNames: ['organisation', 'status'] as const,
    registers,
  });
  const skipped = new Counter({
    name: 'deployments_skipped_total',
    help: 'Deployments that were skipped because a newer one was deployed',
    labelNames: ['organisation'] as const,
    registers,
  });
  const rollbacks = new Counter({
    name: 'rollbacks_total',
    help: 'Rollbacks that were registered',
    labelNames: ['organisation', 'provider', 'environment'] as const,
    registers,
  });
  const queries = new Histogram({
    name: 'db_query_duration_seconds',
    help: 'Time that the store took, by its operation',
    labelNames: ['operation'] as const,
    buckets: queryBuckets,
    registers,
  });
  const auth = new Counter({
    name: 'auth_requests_total',
    help: 'Attempts to authenticate',
    labelNames: ['method', 'success'] as const,
    registers,
  });
  const refusedRequests = new Counter({
    name: 'requests_refused_total',
    help: 'Requests and connections that were refused to protect the service, by reason',
    labelNames: ['reason'] as const,
    registers,
  });
  const info = new Gauge({
    name: 'deployment_queue_info',
    help: 'Always 1; the version is in the label',
    labelNames: ['version'] as const,
    registers,
  });
  info.set({ version }, 1);

  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),

    httpRequest(method, endpoint, statusCode, seconds) {
      const label = knownMethods.has(method) ? method : 'OTHER';
      httpRequests.inc({ method: label, endpoint, status_code: statusCode });
      httpDuration.observe({ method: label, endpoint }, seconds);
    },
    deploymentCreated({ organisation, provider, environment, trigger }) {
      created.inc({ organisation, provider, environment: label(environment), trigger });
    },
    deploymentUpdated(organisation, status) {
      updated.inc({ organisation, status });
    },
    deploymentsSkipped(organisation, count) {
      if (count > 0) skipped.inc({ organisation }, count);
    },
    rolledBack({ organisation, provider, environment }) {
      rollbacks.inc({ organisation, provider, environment: label(environment) });
    },
    storeCall(operation, seconds) {
      queries.observe({ operation }, seconds);
    },
    requestRefused(reason) {
      refusedRequests.inc({ reason });
    },
    authRequest(method, success) {
      auth.inc({ method, success: String(success) });
    },
  };
}

/** Methods with a label of their own; others, which a caller may choose freely, share one. */
const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS']);

/** A label's value that callers choose: a token that was put there by mistake is not shown. */
function label(value: string): string {
  return holdsToken(value) ? 'redacted' : value;
}
