import { isLoopbackUrl } from './loopback-url.js';
import type { Fetch, Proxies } from './proxy-agent.js';

export type { Fetch, Proxies } from './proxy-agent.js';

/** What is wrong with a proxy that is none, after its name. The value may hold a password. */
export const proxyFault =
  'must be the http or https URL of a proxy, such as http://proxy.example.com:3128';

/**
 * Finds the proxies in the variables that curl and most programs have for them, `HTTPS_PROXY`, `HTTP_PROXY` and
 * `NO_PROXY`, in lower case, too, which wins.
 *
 * @returns `undefined` where there is none
 * @throws TypeError where one is not a URL; it does not repeat the value
 */
export function proxiesOf(
  environment: Readonly<Record<string, string | undefined>>,
): Proxies | undefined {
  const variable = (name: string) =>
    [name.toLowerCase(), name].map((one) => environment[one] ?? '').find((one) => one !== '') ?? '';
  const proxy = (name: string) => {
    const url = variable(name);
    if (url !== '' && !isProxy(url)) throw new TypeError(`${name} ${proxyFault}`);
    return url;
  };
  const proxies = { httpsProxy: proxy('HTTPS_PROXY'), httpProxy: proxy('HTTP_PROXY') };
  if (proxies.httpsProxy + proxies.httpProxy === '') return undefined;
  return { ...proxies, noProxy: variable('NO_PROXY') };
}

/** Whether requests can go through it. */
export function isProxy(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

/**
 * `fetch` that goes through proxies. Node's own does not on Node 20 at all, and later only when it is told to by
 * a variable of its own.
 *
 * What is on this machine is reached without: nobody else is to read what goes there over plain http.
 */
export function proxiedFetch(proxies: Proxies | undefined): Fetch {
  const { fetch } = globalThis;
  if (proxies === undefined) return fetch;
  let loading: Promise<Fetch> | undefined;
  return async (url, init) => {
    if (isLoopbackUrl(new URL(url))) return fetch(url, init);
    // Only where there is a proxy, since it brings a library; bundlers for browsers leave that out (package.json).
    loading ??= import('./proxy-agent.js').then(({ fetchThrough }) => fetchThrough(proxies));
    return (await loading)(url, init);
  };
}
