import { Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import type { HttpMetrics, RefusalMetrics } from '../http/metrics.js';
import type { AuthMetrics, CacheMetrics } from '../auth/metrics.js';
import { createAuthMetrics } from './auth.js';
import { createDeploymentMetrics } from './deployments.js';
import { measureEventLoop } from './event-loop.js';
import { createGateMetrics } from './gates.js';
import { createHttpMetrics, createRefusalMetrics } from './http.js';
import { createLabelLimit } from './label-limit.js';
import { createQueueMetrics } from './queue.js';
import type { QueueMetrics } from './queue.js';
import { createStoreMetrics } from './store.js';
import { createStreamMetrics } from './streams.js';
import type { StreamMetrics } from './streams.js';
import { createStoreWatch } from './store-watch.js';
import type { StoreWatch } from './store-watch.js';
import type { DeploymentMetrics } from '../operations/operation.js';
import type { StoreObserver } from '../store/observer.js';
import type { StoreMetrics } from '../store/instrument.js';

/** All that the service counts, and how Prometheus reads it. docs/METRICS.md explains each. */
export interface Metrics
  extends
    DeploymentMetrics,
    QueueMetrics,
    StreamMetrics,
    HttpMetrics,
    StoreMetrics,
    RefusalMetrics,
    StoreObserver,
    AuthMetrics,
    CacheMetrics,
    Pick<StoreWatch, 'watchStore'> {
  readonly contentType: string;
  /** In Prometheus's text format. */
  render(): Promise<string>;
  /** Ends what is measured in the background. */
  stop(): void;
}

/** How many organisations, and how many environments, have labels of their own unless told otherwise. */
const labelLimit = 100;

/**
 * Metrics in a registry of their own, so that several services can run in one process.
 *
 * @param version of the service, for `deployment_queue_info`
 * @param limit how many names that callers choose have labels of their own
 * @param allowed the organisations that are served, when they are known: theirs are the first of these
 */
export function createMetrics(
  version: string,
  limit = labelLimit,
  allowed: Iterable<string> = [],
): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const info = new Gauge({
    name: 'deployment_queue_info',
    help: 'Always 1; the version is in the label',
    labelNames: ['version'] as const,
    registers,
  });
  info.set({ version }, 1);
  const watch = createStoreWatch(registers, limit);
  const limits = createLabelLimit(limit, allowed);

  return {
    contentType: registry.contentType,
    async render() {
      await watch.refresh();
      return registry.metrics();
    },
    stop: measureEventLoop(registers),
    watchStore: (store, depthMs) => {
      watch.watchStore(store, depthMs);
    },
    ...createHttpMetrics(registers),
    ...createDeploymentMetrics(registers, limits),
    ...createQueueMetrics(registers, limits),
    ...createGateMetrics(registers, limits),
    ...createStreamMetrics(registers),
    ...createRefusalMetrics(registers),
    ...createStoreMetrics(registers),
    ...createAuthMetrics(registers),
  };
}
