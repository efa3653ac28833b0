import { z } from 'zod';
import { isProxy, proxyFault } from '../platform/proxied-fetch.js';

const proxy = z.string().refine(isProxy, proxyFault).optional();

/** The variables of curl and most programs; https://curl.se/docs/manpage.html, "Environment". */
export const proxyFields = {
  HTTPS_PROXY: proxy,
  HTTP_PROXY: proxy,
  NO_PROXY: z.string().optional(),
};

/** The same, as curl has them. */
export const lowerCaseProxies: readonly string[] = Object.keys(proxyFields).map((name) =>
  name.toLowerCase(),
);

/** An environment in which what stands in lower case is in capitals as well, and wins. */
export function withProxies(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const lower = Object.keys(proxyFields).flatMap((name) => {
    const value = environment[name.toLowerCase()];
    return value ? [[name, value] as const] : [];
  });
  return { ...environment, ...Object.fromEntries(lower) };
}
