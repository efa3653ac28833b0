import { proxiedFetch, proxiesOf } from '../platform/proxied-fetch.js';
import type { Fetch } from '../platform/proxied-fetch.js';

/** The variables of this process; a browser has none. */
export function ownEnvironment(): Readonly<Record<string, string | undefined>> {
  return typeof process === 'undefined' ? {} : process.env;
}

/**
 * The `fetch` of this process, through the proxies that its environment names. Bun and Deno go through them by
 * themselves.
 *
 * @throws TypeError where a proxy is not a URL
 */
export function ownFetch(): Fetch {
  const isNode = typeof process !== 'undefined' && 'node' in process.versions;
  if (!isNode || 'Bun' in globalThis || 'Deno' in globalThis) return globalThis.fetch;
  return proxiedFetch(proxiesOf(ownEnvironment()));
}
