import { Counter } from 'prom-client';
import type { Registry } from 'prom-client';
import type { AuthMetrics, CacheMetrics } from '../auth/metrics.js';

/** Counts attempts to authenticate, and what the caches behind them spare. */
export function createAuthMetrics(registers: Registry[]): AuthMetrics & CacheMetrics {
  const requests = new Counter({
    name: 'auth_requests_total',
    help: 'Attempts to authenticate',
    labelNames: ['method', 'success'] as const,
    registers,
  });
  const lookups = new Counter({
    name: 'auth_cache_requests_total',
    help: 'Look-ups in the caches of authentication: memberships, OIDC tokens, keys of their issuer',
    labelNames: ['cache', 'result'] as const,
    registers,
  });

  return {
    authRequest(method, success) {
      requests.inc({ method, success: String(success) });
    },
    cacheLookup(cache, result) {
      lookups.inc({ cache, result });
    },
  };
}
