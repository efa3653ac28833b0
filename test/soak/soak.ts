import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { startGitHubApi } from '../support/github/github-api.js';
import { startOidcIssuer } from '../support/oidc/oidc-issuer.js';
import { Load } from './load.js';
import type { Caller, LoadReport } from './load.js';
import { startBuiltService } from './service-process.js';
import type { BuiltService, Footprint } from './service-process.js';

/** A footprint, and how late the event loop was since the one before. */
export interface Sample extends Footprint {
  /** Seconds since the load began. */
  readonly at: number;
  /** Requests that the service has counted so far. */
  readonly requests: number;
  /** Median and 90th percentile of the event loop's delay, in seconds. */
  readonly lagP50: number;
  readonly lagP90: number;
  /** The same of the process that makes the load, on the same machine. */
  readonly ownLagP50: number;
  readonly ownLagP90: number;
}

/** What is to be soaked, and for how long. */
export interface SoakOptions {
  readonly seconds: number;
  /** Requests a second. */
  readonly rate: number;
  readonly samples: number;
  /** Modules of this folder that are loaded before the service. */
  readonly preloads?: readonly string[];
  /** Is told each sample as it is taken. */
  readonly onSample?: (sample: Sample) => void;
}

export interface SoakResult {
  readonly samples: readonly Sample[];
  readonly load: LoadReport;
  /** Lines of level `error` and above in the service's log. */
  readonly errors: readonly string[];
  readonly exitCode: number | null;
}

/** A job's token lives for five minutes and is asked for anew long before. */
const tokenLifetimeMs = 60_000;

/**
 * Loads a compiled service, with authentication on, for a while: jobs of four organisations and
 * members of two, 80 % reads and 20 % writes, mistakes among both.
 */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const folder = await mkdtemp(join(tmpdir(), 'deployment-queue-soak-'));
  const [issuer, gitHub] = await Promise.all([startOidcIssuer(), startGitHubApi()]);
  const environment = {
    AUTH_ENABLED: 'true',
    ALLOWED_ORGANISATIONS: '*',
    // A few organisations, and one address, send what many would.
    RATE_LIMIT_PER_SECOND: '0',
    AUTH_FAILURES_PER_MINUTE: '0',
    GITHUB_OIDC_ISSUER: issuer.url,
    GITHUB_API_URL: gitHub.url,
    // Within a short run, too, memberships run out and are asked for again.
    ORG_MEMBERSHIP_CACHE_TTL: '15',
    SQLITE_PATH: join(folder, 'deployments.db'),
    HOST: '127.0.0.1',
    API_PORT: '0',
    MANAGEMENT_PORT: '0',
  };
  const service = await startBuiltService(environment, options.preloads);

  const jobs = ['acme', 'globex', 'initech', 'umbrella'].map((organisation) =>
    job(() => issuer.sign({ repository_owner: organisation, repository: `${organisation}/shop` })),
  );
  const people = ['acme', 'hooli'].map((organisation): Caller => {
    const login = `member-of-${organisation}`;
    const token = gitHub.addUser({ login, memberships: { [organisation]: 'active' } });
    const headers = { Authorization: `Bearer ${token}`, 'X-Organisation': organisation };
    return { credentials: () => headers, ids: [] };
  });
  const load = new Load(service.apiUrl, [...jobs, ...people]);
  const running = load.run(options.rate);
  const samples = await sampleFor(service, options);
  const report = await load.stop();
  await running;
  const exitCode = await service.stop();
  await Promise.all([issuer.stop(), gitHub.stop()]);
  await rm(folder, { recursive: true });
  return { samples, load: report, errors: service.errors, exitCode };
}

function job(sign: () => string): Caller {
  let token = '';
  let signedAt = -Infinity;
  return {
    credentials() {
      if (performance.now() - signedAt > tokenLifetimeMs) {
        token = sign();
        signedAt = performance.now();
      }
      return { Authorization: `Bearer ${token}` };
    },
    ids: [],
  };
}

async function sampleFor(
  service: BuiltService,
  { seconds, samples: count, onSample }: SoakOptions,
): Promise<Sample[]> {
  const started = performance.now();
  const samples: Sample[] = [];
  const own = monitorEventLoopDelay();
  own.enable();
  for (let nth = 1; nth <= count; nth += 1) {
    const due = started + (1000 * seconds * nth) / count;
    await sleep(Math.max(0, due - performance.now()));
    // The lag first: what the collection of garbage holds up is not the service's.
    const metrics = await readMetrics(service.managementUrl);
    const sample = {
      at: (performance.now() - started) / 1000,
      ...(await service.footprint()),
      requests: metrics.sum('http_requests_total'),
      lagP50: metrics.sum('nodejs_eventloop_lag_p50_seconds'),
      lagP90: metrics.sum('nodejs_eventloop_lag_p90_seconds'),
      ownLagP50: own.percentile(50) / 1e9,
      ownLagP90: own.percentile(90) / 1e9,
    };
    // Each reading of the lag begins a new one.
    await readMetrics(service.managementUrl);
    own.reset();
    samples.push(sample);
    onSample?.(sample);
  }
  return samples;
}

/** Metrics in Prometheus's text format, by the sum over a metric's labels. */
async function readMetrics(managementUrl: string): Promise<{ sum: (name: string) => number }> {
  const text = await (await fetch(`${managementUrl}/metrics`)).text();
  return {
    sum: (name) =>
      text
        .split('\n')
        .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
        .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' '))), 0),
  };
}
