import { isIP } from 'node:net';
import { z } from 'zod';
import type { ConnectionLimits } from '../http/connections.js';
import type { RateLimit } from '../http/rate-limit.js';
import { isLoopback } from '../platform/loopback.js';
import { flag, wholeNumber } from './fields.js';

/** How HTTP is served, as the environment says. Times are in milliseconds. */
export interface HttpSettings {
  readonly host: string;
  readonly managementHost: string;
  readonly apiPort: number;
  readonly managementPort: number;
  readonly bodyLimitBytes: number;
  readonly connections: ConnectionLimits;
  readonly rateLimit: RateLimit | undefined;
  /** Event loop lag from which a crowd of requests is shed; `undefined` for never. */
  readonly overloadLagMs: number | undefined;
  /** The origins whose pages may call the API; none by default. */
  readonly corsOrigins: readonly string[];
  /** Stands in where a client names no environment, in lower case; `undefined` for none. */
  readonly defaultEnvironment: string | undefined;
  /** Whether `X-Forwarded-Prefix` is of a proxy, and not of whoever calls. */
  readonly trustForwardedPrefix: boolean;
  /** The proxies in front that say whom they pass a request on for: addresses and networks. */
  readonly trustedProxies: readonly string[];
}

const milliseconds = (fallback: number, min: number, max: number) =>
  wholeNumber(fallback, min, max, 'a number of milliseconds');

const hour = 60 * 60 * 1000;
const noRate = 'must be a number of requests a second, 0.01 to 100000, or 0 for no limit';

/** The variables, by name. */
export const httpFields = {
  HOST: z.string().optional(),
  MANAGEMENT_HOST: z.string().optional(),
  API_PORT: wholeNumber(8000, 0, 65535, 'a port number'),
  MANAGEMENT_PORT: wholeNumber(9090, 0, 65535, 'a port number'),
  BODY_LIMIT_BYTES: wholeNumber(100 * 1024, 1024, 10 * 1024 * 1024, 'a number of bytes'),
  HTTP_HEADERS_TIMEOUT_MS: milliseconds(10_000, 100, hour),
  HTTP_REQUEST_TIMEOUT_MS: milliseconds(30_000, 100, hour),
  HTTP_KEEP_ALIVE_TIMEOUT_MS: milliseconds(65_000, 100, hour),
  HTTP_IDLE_TIMEOUT_MS: milliseconds(120_000, 100, hour),
  HTTP_MAX_CONNECTIONS: wholeNumber(10_000, 1, 1_000_000, 'a number of connections'),
  HTTP_MAX_HEADERS: wholeNumber(100, 10, 1_000, 'a number of headers'),
  HTTP_MAX_HEADER_BYTES: wholeNumber(16 * 1024, 1024, 1024 * 1024, 'a number of bytes'),
  RATE_LIMIT_PER_SECOND: z
    .string()
    .regex(/^\d{1,6}(\.\d{1,2})?$/, noRate)
    .transform(Number)
    .refine((value) => value <= 100_000, noRate)
    .default(50),
  RATE_LIMIT_BURST: wholeNumber(0, 0, 1_000_000, 'a number of requests'),
  OVERLOAD_LAG_MS: wholeNumber(1_000, 0, 60_000, 'a number of milliseconds'),
  CORS_ORIGINS: z.string().default('').transform(readOrigins),
  DEFAULT_ENVIRONMENT: z
    .string()
    // As it will be compared and stored.
    .transform((value) => value.toLowerCase())
    .refine(isLabel, 'must be the name of an environment, of 1 to 255 characters')
    .optional(),
  TRUST_FORWARDED_PREFIX: flag(false),
  TRUSTED_PROXIES: z.string().default('').transform(readNetworks),
};

type Fields = { [Name in keyof typeof httpFields]: z.output<(typeof httpFields)[Name]> };

/** Puts the variables' values together. */
export function toHttpSettings(values: Fields, authenticated: boolean): HttpSettings {
  const { RATE_LIMIT_PER_SECOND: perSecond, RATE_LIMIT_BURST: burst } = values;
  const host = values.HOST ?? (authenticated ? '0.0.0.0' : '127.0.0.1');
  return {
    host,
    managementHost: values.MANAGEMENT_HOST ?? host,
    apiPort: values.API_PORT,
    managementPort: values.MANAGEMENT_PORT,
    bodyLimitBytes: values.BODY_LIMIT_BYTES,
    connections: {
      headersTimeoutMs: values.HTTP_HEADERS_TIMEOUT_MS,
      requestTimeoutMs: values.HTTP_REQUEST_TIMEOUT_MS,
      keepAliveTimeoutMs: values.HTTP_KEEP_ALIVE_TIMEOUT_MS,
      idleTimeoutMs: values.HTTP_IDLE_TIMEOUT_MS,
      maxConnections: values.HTTP_MAX_CONNECTIONS,
      maxHeaders: values.HTTP_MAX_HEADERS,
      maxHeaderBytes: values.HTTP_MAX_HEADER_BYTES,
    },
    rateLimit:
      perSecond === 0
        ? undefined
        : { perSecond, burst: burst === 0 ? defaultBurst(perSecond) : burst },
    overloadLagMs: values.OVERLOAD_LAG_MS === 0 ? undefined : values.OVERLOAD_LAG_MS,
    corsOrigins: values.CORS_ORIGINS,
    defaultEnvironment: values.DEFAULT_ENVIRONMENT,
    trustForwardedPrefix: values.TRUST_FORWARDED_PREFIX,
    trustedProxies: values.TRUSTED_PROXIES,
  };
}

/**
 * Faults of settings that are fine on their own.
 *
 * @param open whether everybody who reaches the service may do everything, and nobody said that this is meant
 */
export function httpContradictions(values: Partial<Fields>, open: boolean): string[] {
  const faults: string[] = [];
  for (const name of ['HOST', 'MANAGEMENT_HOST'] as const) {
    const host = values[name];
    if (open && host !== undefined && !isLoopback(host)) {
      faults.push(
        `${name} must be a loopback address (127.0.0.1, ::1 or localhost) while AUTH_ENABLED is false and DEMO is not true`,
      );
    }
  }
  const { HTTP_HEADERS_TIMEOUT_MS: headers, HTTP_REQUEST_TIMEOUT_MS: request } = values;
  if (headers !== undefined && request !== undefined && headers > request) {
    faults.push('HTTP_HEADERS_TIMEOUT_MS must not be longer than HTTP_REQUEST_TIMEOUT_MS');
  }
  const { API_PORT, MANAGEMENT_PORT } = values;
  if (API_PORT !== undefined && API_PORT !== 0 && API_PORT === MANAGEMENT_PORT) {
    faults.push('MANAGEMENT_PORT must not be the same as API_PORT');
  }
  return faults;
}

/** What comes in ten seconds may come at once: a pipeline that fans out calls in bursts. */
function defaultBurst(perSecond: number): number {
  return Math.max(1, Math.ceil(perSecond * 10));
}

/** Origins (RFC 6454) as browsers send them: scheme, host and port, nothing else. */
function readOrigins(list: string, context: z.RefinementCtx): readonly string[] {
  const origins = list === '' ? [] : list.split(',').map((origin) => origin.trim());
  if (!origins.every(isOrigin)) {
    context.addIssue(
      'must be origins such as https://deployments.example.com, separated by commas, without path',
    );
  }
  return [...new Set(origins)];
}

/** Addresses, and networks in CIDR notation (RFC 4632, RFC 4291). */
function readNetworks(list: string, context: z.RefinementCtx): readonly string[] {
  const networks = list === '' ? [] : list.split(',').map((network) => network.trim());
  if (!networks.every(isNetwork)) {
    context.addIssue(
      'must be IP addresses or networks such as 10.0.0.0/8 or fd00::/8, separated by commas',
    );
  }
  return networks;
}

function isNetwork(value: string): boolean {
  const [address = '', prefix, ...more] = value.split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || more.length > 0) return false;
  if (prefix === undefined) return true;
  return /^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128);
}

function isOrigin(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, origin } = new URL(value);
  return (protocol === 'https:' || protocol === 'http:') && origin === value;
}

/** Text that the contract takes for the name of something, with something to be seen in it. */
function isLabel(value: string): boolean {
  return value.trim() !== '' && !value.includes('\0') && Array.from(value).length <= 255;
}
