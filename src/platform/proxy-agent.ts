import { EnvHttpProxyAgent, fetch } from 'undici';

/** What is used of `fetch`. */
export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** Through which proxies requests go; what is empty is none. */
export interface Proxies {
  /** For https, by a tunnel (CONNECT); `httpProxy` unless set. */
  readonly httpsProxy: string;
  readonly httpProxy: string;
  /** Hosts that are reached without, separated by commas, with all below them; `*` is all of them. */
  readonly noProxy: string;
}

/** An agent fits the fetch of its own version only. The types of that and of Node's differ where nobody here looks. */
const fetchWith = fetch as unknown as (
  url: string | URL,
  init: Omit<RequestInit, 'dispatcher'> & { readonly dispatcher: EnvHttpProxyAgent },
) => Promise<Response>;

/** `fetch` through proxies, whatever it asks for. */
export function fetchThrough(proxies: Proxies): Fetch {
  const dispatcher = new EnvHttpProxyAgent(proxies);
  return (url, init) => fetchWith(url, { ...init, dispatcher });
}
