import express from 'express';
import type { Express } from 'express';
import { atMostEvery } from '../platform/at-most-every.js';
import { withDeadline } from '../platform/deadline.js';
import { reasonOf } from '../platform/logging.js';
import type { Logger } from '../platform/logging.js';
import type { Metrics } from '../metrics/metrics.js';
import { setSecurityHeaders } from '../http/security-headers.js';

/** What the management app reports on. */
export interface ManagementParts {
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Whether the service stops, and wants no more requests. */
  readonly isDraining: () => boolean;
  /** What has to hold before requests are sent here, by name; each rejects when it does not. */
  readonly readiness: Readonly<Record<string, () => Promise<void>>>;
  /** For how long what was found out for one who asked is told to others, in milliseconds. */
  readonly rememberMs?: number;
}

/** How long a readiness check may take, in milliseconds. */
const checkTimeoutMs = 2_000;

/**
 * The management app: for the orchestrator and Prometheus, on a port of its own.
 *
 * There is no authentication, and what is told costs something: a look at the store, thousands of lines of
 * metrics. So either is found out once a second at the most, whoever asks and however often.
 */
export function createManagementApp({
  metrics,
  logger,
  isDraining,
  readiness,
  rememberMs = 1_000,
}: ManagementParts): Express {
  const findFailing = atMostEvery(rememberMs, () => firstFailing(readiness, logger));
  const render = atMostEvery(rememberMs, () => metrics.render());
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');

  app.use((_req, res, next) => {
    setSecurityHeaders(res);
    next();
  });
  app.get('/health', (_req, res) => {
    res.json({ status: 'healthy' });
  });

  app.get('/ready', async (_req, res) => {
    const failing = isDraining() ? 'draining' : await findFailing();
    if (failing === undefined) res.json({ status: 'ready' });
    else res.status(503).json({ status: 'not ready', check: failing });
  });

  app.get('/metrics', async (_req, res) => {
    res.set('Content-Type', metrics.contentType).send(await render());
  });

  app.use((req, res) => {
    res.status(404).json({ error: `There is nothing at ${req.path}` });
  });
  return app;
}

async function firstFailing(
  readiness: ManagementParts['readiness'],
  logger: Logger,
): Promise<string | undefined> {
  for (const [name, check] of Object.entries(readiness)) {
    try {
      await withDeadline(check(), checkTimeoutMs, () => {
        throw new Error(`no response within ${checkTimeoutMs} ms`);
      });
    } catch (error) {
      logger.warn({ check: name, reason: reasonOf(error) }, 'not ready');
      return name;
    }
  }
  return undefined;
}
