import { createAutoSkip } from './background/auto-skip.js';
import { createCleanup } from './background/cleanup.js';
import { createFeeds } from './background/feeds.js';
import { createLeaseExpiry } from './background/lease-expiry.js';
import { createLifecycle } from './background/lifecycle.js';
import type { Lifecycle } from './background/lifecycle.js';
import { createRetention } from './background/retention.js';
import { createTurns } from './background/turns.js';
import { authenticationOff, createAuthentication } from './auth/authenticate.js';
import type { Authenticate } from './auth/authenticate.js';
import { createCalendarOpener } from './auth/calendar-token.js';
import type { CalendarParts, OpenCalendar } from './auth/calendar-token.js';
import { limitFailures } from './auth/failure-limit.js';
import type { Cache, CountLookup } from './auth/metrics.js';
import { createKeyLookup } from './auth/oidc/keys.js';
import { createOidcVerifier } from './auth/oidc/verify.js';
import { createGitHubRequests } from './auth/github-requests.js';
import { createGitHubClient } from './auth/pat/github.js';
import { rememberMemberships } from './auth/pat/memberships.js';
import { createPatVerifier } from './auth/pat/verify.js';
import { openSignIn } from './auth/session/open.js';
import { createTenants, namesOf } from './auth/tenants.js';
import type { TenantParts } from './auth/tenants.js';
import { createClock } from './platform/clock.js';
import type { Clock } from './platform/clock.js';
import { createApiApp } from './http/app.js';
import { watchEventLoop } from './platform/event-loop.js';
import type { Guard } from './http/connections.js';
import { loadContract } from './contract/contract.js';
import { limitLines, limitLog } from './platform/line-limit.js';
import type { Logger } from './platform/logging.js';
import { proxiedFetch } from './platform/proxied-fetch.js';
import { createManagementApp } from './management/app.js';
import type { ManagementParts } from './management/app.js';
import { createMetrics } from './metrics/metrics.js';
import type { Metrics } from './metrics/metrics.js';
import { operations } from './operations/operations.js';
import { openStore } from './store/open.js';
import { createOverload } from './http/overload.js';
import { listen } from './http/server.js';
import type { PageSettings } from './web/session/routes.js';
import type { Settings } from './settings/settings.js';
import { instrument } from './store/instrument.js';
import { startTracing } from './tracing/start.js';

/** A service that answers on both ports. */
export interface Service {
  readonly apiUrl: string;
  readonly managementUrl: string;
  /**
   * Stops: reports not ready, lets running requests finish, then stops what it was made of.
   *
   * @returns whether every running request finished in time
   */
  stop(): Promise<boolean>;
}

/**
 * How long running requests may take once the service stops, in milliseconds. Whatever ends the process
 * by force has to wait longer.
 */
export const drainMs = 10_000;

/** How long a collector may take for the last spans after that, in milliseconds. */
export const flushMs = 2_000;

/** What differs in tests. */
type Options = Pick<ManagementParts, 'rememberMs'> & { readonly clock?: Clock };

/**
 * Starts the service.
 *
 * @throws StartupError when a port or the store is not to be had
 */
export async function startService(
  settings: Settings,
  logger: Logger,
  options: Options = {},
): Promise<Service> {
  const lifecycle = createLifecycle();
  try {
    return await startParts(settings, logger, lifecycle, options);
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
}

/** Starts one part after the other; what a part needs is there before it, and stops after it. */
async function startParts(
  settings: Settings,
  logger: Logger,
  lifecycle: Lifecycle,
  options: Options,
): Promise<Service> {
  const { http, retention } = settings;
  const contract = loadContract();
  const { clock = createClock(), ...managementOptions } = options;
  const metrics = createMetrics(
    contract.version,
    settings.metrics.labelLimit,
    namesOf(settings.auth.allowedOrganisations),
  );
  lifecycle.onStop(() => {
    metrics.stop();
  });
  const tracing = await startTracing(settings.tracing, contract.version, logger);
  lifecycle.onStop(() => tracing?.stop(flushMs));
  const { overloadLagMs } = http;
  const overload = overloadLagMs === undefined ? undefined : createOverload(overloadLagMs, logger);
  if (overload !== undefined) lifecycle.onStop(watchEventLoop(overload.observe));

  const opened = await openStore(settings.store, logger, metrics);
  lifecycle.onStop(() => opened.close());
  const { kind } = settings.store;
  const store = instrument(
    opened,
    metrics,
    tracing && ((operation, call) => tracing.call(kind, operation, call)),
  );
  metrics.watchStore(store, settings.metrics.queueDepthSeconds * 1000);

  const guard: Guard = {
    limits: http.connections,
    count: metrics.requestRefused,
    note(refusal) {
      logger.info(refusal, 'refused unread');
    },
  };
  let draining = false;
  const isDraining = (): boolean => draining;
  const management = createManagementApp({
    metrics,
    logger,
    isDraining,
    readiness: { store: () => store.check() },
    ...managementOptions,
  });
  const managementServer = await listen(
    management,
    http.managementHost,
    http.managementPort,
    'MANAGEMENT_PORT',
    guard,
  );
  lifecycle.onStop(async () => {
    await managementServer.stop(0);
  });
  await lifecycle.start(createCleanup(store, clock, logger));
  await lifecycle.start(createAutoSkip(store, clock, metrics, logger));
  await lifecycle.start(createLeaseExpiry(store, clock, metrics, logger));
  const turns = createTurns(store, clock, logger);
  await lifecycle.start(turns);
  metrics.watchClaims(() => turns.count());
  const feeds = createFeeds(store, logger);
  await lifecycle.start(feeds);
  metrics.watchStreams(() => feeds.count());
  if (retention.days !== undefined) {
    await lifecycle.start(createRetention(store, clock, retention.days, metrics, logger));
  }

  const { authenticate, page, openCalendar } = chooseAuthentication(settings, metrics, {
    registry: store.tenants,
    clock,
    logger,
    controlsOf: (organisation) => store.for(organisation).read({ read: 'controls' }),
  });
  const api = await createApiApp({
    contract,
    operations,
    authenticate,
    page,
    calendar: { openCalendar, clock },
    store,
    clock,
    metrics,
    quota: retention.quota,
    turns,
    feeds,
    logger,
    bodyLimitBytes: http.bodyLimitBytes,
    corsOrigins: http.corsOrigins,
    demo: settings.auth.demo,
    rateLimit: http.rateLimit,
    defaultEnvironment: http.defaultEnvironment,
    trustForwardedPrefix: http.trustForwardedPrefix,
    trustedProxies: http.trustedProxies,
    shed: overload?.shed,
    isDraining,
    tracing,
  });
  const apiServer = await listen(api, http.host, http.apiPort, 'API_PORT', guard);
  let finished = true;
  lifecycle.onStop(async () => {
    finished = await apiServer.stop(drainMs);
  });
  // Claims that wait are answered before anything else ends.
  lifecycle.onStop(() => {
    turns.drain();
  });

  return {
    apiUrl: apiServer.url,
    managementUrl: managementServer.url,
    async stop() {
      draining = true;
      await lifecycle.stop();
      return finished;
    },
  };
}

/** Who may call, and how pages of this service do. */
function chooseAuthentication(
  { auth, signIn: signInOptions, proxies }: Settings,
  metrics: Metrics,
  parts: Omit<TenantParts, 'allowed'> & Pick<CalendarParts, 'controlsOf'>,
): {
  readonly authenticate: Authenticate;
  readonly page: PageSettings;
  readonly openCalendar: OpenCalendar;
} {
  const { logger, clock, controlsOf } = parts;
  const gitHubUrl = auth.gitHub.serverUrl;
  if (!auth.enabled) {
    const organisation = auth.developmentOrganisation;
    return {
      authenticate: authenticationOff(organisation),
      page: { kind: 'none', organisation, gitHubUrl },
      openCalendar: createCalendarOpener({ controlsOf, failures: limitFailures(0, metrics) }),
    };
  }
  const { oidc, gitHub, allowedOrganisations } = auth;
  const countIn =
    (cache: Cache): CountLookup =>
    (result) => {
      metrics.cacheLookup(cache, result);
    };
  const fetch = proxiedFetch(proxies);
  const keys = createKeyLookup(
    `${oidc.issuer}/.well-known/jwks`,
    oidc.keyLifetimeSeconds,
    logger,
    countIn('keys'),
    fetch,
  );
  const limit = limitLines(logger, auth.refusalLinesPerSecond);
  const log = limitLog(logger, limit);
  const api = createGitHubRequests(gitHub, log, fetch);
  const find = rememberMemberships(
    createGitHubClient(api, log),
    gitHub.membershipLifetimeSeconds,
    countIn('memberships'),
  );
  const tenants = createTenants({ ...parts, allowed: allowedOrganisations });
  const failures = limitFailures(auth.failuresPerMinute, metrics);
  const signIn =
    signInOptions && openSignIn(signInOptions, { api, log, fetch, tenants, failures, clock });
  const authenticate = createAuthentication({
    oidc: createOidcVerifier(oidc, keys, countIn('tokens')),
    pat: createPatVerifier(find),
    sessions: signIn?.sessions,
    tenants,
    failures,
    metrics,
    limitLines: limit,
  });
  return {
    authenticate,
    openCalendar: createCalendarOpener({ controlsOf, tenants, failures }),
    page: { ...(signIn === undefined ? { kind: 'token' } : { kind: 'github', signIn }), gitHubUrl },
  };
}
